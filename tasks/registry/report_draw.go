package registry

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/menu"
)

//go:embed page/report.html
var pageLayout string

//go:embed page/report.css
var pageStyle string

//go:embed page/report.js
var pageScript string

// pagePolicy lets a browser use the page's own style and script. All else is forbidden, so text that got past the
// template's escapes would still load and run nothing.
var pagePolicy = fmt.Sprintf("default-src 'none'; base-uri 'none'; form-action 'none'; style-src '%s'; script-src '%s'",
	sourceHash(pageStyle), sourceHash(pageScript))

func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"style":   func() template.CSS { return template.CSS(pageStyle) }, //nolint:gosec // embedded
	"script":  func() template.JS { return template.JS(pageScript) },  //nolint:gosec // embedded
	"policy":  func() string { return pagePolicy },
	"name":    imageName,
	"bytes":   console.Bytes,
	"time":    console.Time,
	"typed":   menu.Typed,
	"cost":    reportCost,
	"usd":     func() string { return fmt.Sprintf("%.2f", ecr.StorageUSDPerGB) },
	"age":     age,
	"commit":  console.ShortCommit,
	"pack":    packages,
	"rank":    func(s ecr.Severity) int { return slices.Index(ecr.Severities, s) },
	"heads":   func() []console.Column { return statusColumns },
	"scan":    func(row *reportRow) string { return severities(row.Scan).Text },
	"class":   func(p console.Paint) string { return paintClasses[p] },
	"percent": func(n, of int) int { return 100 * n / max(of, 1) },
	"day":     func(t time.Time) string { return t.Format("Mon 2006-01-02") },
	"tally":   func(t ecr.Totals) string { return totals(t)[0].Text },
}).Parse(pageLayout))

var paintClasses = map[console.Paint]string{
	console.Bold: "bold", console.Dim: "dim", console.Red: "red", console.Green: "green", console.Yellow: "yellow",
}

// draw fills the template, which escapes all text of others. Characters that cannot be seen are shown as on a terminal.
func (p reportPage) draw() ([]byte, error) {
	var text bytes.Buffer
	if err := pageTemplate.Execute(&text, p); err != nil {
		return nil, fmt.Errorf("drawing the report: %w", err)
	}
	return []byte(console.SafeLines(text.String())), nil
}

// reportCost is the price of all that is stored: the first 150 TB in the archive cost as much as the rest.
func reportCost(t ecr.Totals) string {
	return price(ecr.Totals{SizeBytes: t.SizeBytes, StorageUSDPerMonth: float64(t.SizeBytes) / 1e9 * ecr.StorageUSDPerGB})
}
