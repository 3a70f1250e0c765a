package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
)

var update = flag.Bool("update", false, "write the golden page")

const goldenPage = "testdata/report.html"

func TestReportPage(t *testing.T) {
	report, inUse := reportFixture()
	page := newReportPage(report, 2, inUse, reportedAt)
	page.Lock = "locked by ada@laptop since 2026-02-01T11:50:00Z, 10 min ago (OperationTypeApply, lock 5e1a)"
	got, err := page.draw()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(goldenPage, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenPage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the page is not %s: look at it in a browser, then: go test ./tasks/registry -run ReportPage -update",
			goldenPage)
	}
}

// TestReportPageHostile: text of others remains text, wherever the page shows it.
func TestReportPageHostile(t *testing.T) {
	const bad = "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`\u202e\x1b[31m{{.}}"
	report, _ := reportFixture()
	r := &report.Repositories[0]
	row := &r.Images[0]
	row.Tags, row.Revision, row.Digest, row.Platforms, row.Status = []string{bad}, bad, bad, []string{bad}, bad
	row.Children[0] = ecr.Part{Kind: bad, Platform: bad, Tags: []string{bad}, Digest: bad}
	row.Scan.Platforms[0] = ecr.PlatformScan{Platform: bad, Findings: []ecr.Finding{{
		Name: bad, Severity: "critical", URI: "javascript:alert(1)//" + bad,
		Packages: []ecr.Package{{Name: bad, Version: bad, FixedIn: bad}},
	}}}
	r.Name, r.URI, r.Mutability, r.Warnings = bad, bad, bad, []string{bad}
	r.Rules[0].Images, r.Rules[0].Description = bad, bad
	report.Repositories[3].Name, report.Repositories[3].Error, report.Repositories[3].Reason = bad, bad, bad
	report.Registry, report.Region = bad, bad
	page := newReportPage(report, -1, nil, reportedAt)
	page.Lock = bad
	got, err := page.draw()
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	for _, forbidden := range []string{"<img", "<script>alert", "javascript:", "\u202e", "\x1b"} {
		if strings.Contains(text, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	if strings.Count(text, "<script>") != 1 || strings.Count(text, "<style>") != 1 {
		t.Error("the page has a script or a style that is not its own")
	}
	if n := strings.Count(text, `&lt;/style&gt;`); n < 25 {
		t.Errorf("the hostile text is shown %d times, want all the places that it was put", n)
	}
}

// TestReportPolicy: the browser runs the page's script and takes its style, and no other, when their bytes on the page
// have the sums that the page's policy names.
func TestReportPolicy(t *testing.T) {
	report, inUse := reportFixture()
	page, err := newReportPage(report, 2, inUse, reportedAt).draw()
	if err != nil {
		t.Fatal(err)
	}
	policy := string(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindSubmatch(page)[1])
	policy = html.UnescapeString(policy)
	for directive, pattern := range map[string]string{
		"style-src": `(?s)<style>(.*?)</style>`, "script-src": `(?s)<script>(.*?)</script>`,
	} {
		sum := sha256.Sum256(regexp.MustCompile(pattern).FindSubmatch(page)[1])
		want := fmt.Sprintf("%s 'sha256-%s'", directive, base64.StdEncoding.EncodeToString(sum[:]))
		if !strings.Contains(policy, want) {
			t.Errorf("the policy is %s, want %s in it", policy, want)
		}
	}
	for _, forbidden := range []string{"style=\"", "onclick", "src=\"", "unsafe"} {
		if bytes.Contains(page, []byte(forbidden)) {
			t.Errorf("the page has %q, which its policy forbids or should", forbidden)
		}
	}
}

// TestReportPicture: the README's picture is of this page. docs/report.sha256 has the sums of both.
func TestReportPicture(t *testing.T) {
	sums, err := os.ReadFile("../../docs/report.sha256")
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, file := range []string{"tasks/registry/" + goldenPage, "docs/report.webp"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprintf("%x  %s\n", sha256.Sum256(text), file)
	}
	if string(sums) != want {
		t.Error("the README's picture is older than the report: go -C .ci/browser test -run Picture -update")
	}
}

// TestReportSize: a large registry is a page that a browser opens and CI can keep.
func TestReportSize(t *testing.T) {
	page, err := newReportPage(largeReport(), DefaultReportImages, nil, reportedAt).draw()
	if err != nil {
		t.Fatal(err)
	}
	if len(page) > 10e6 {
		t.Errorf("100 repositories of 1,000 images make %d bytes, want at most 10 MB", len(page))
	}
}

func BenchmarkReport(b *testing.B) {
	report := largeReport()
	for b.Loop() {
		page, err := newReportPage(report, DefaultReportImages, nil, reportedAt).draw()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(page))/1e6, "MB")
	}
}

// largeReport is 100 repositories of 1,000 images.
func largeReport() (report statusReport) {
	small, _ := reportFixture()
	app := small.Repositories[0]
	for n := range 100 {
		repository := app
		repository.Name, repository.Images = fmt.Sprintf("%s-%d", app.Name, n), nil
		for i := range 1000 {
			row := app.Images[i%2]
			row.Digest, row.PushedAt = digestOf(n*1000+i), new(reportedAt.Add(-time.Duration(i)*40*time.Minute))
			row.ExpiresAt = new(row.PushedAt.AddDate(0, 0, 30))
			if i%2 == 1 {
				row.Tags = []string{fmt.Sprintf("v1.%d", i), fmt.Sprintf("%040d", i)}
			}
			repository.Images = append(repository.Images, row)
		}
		report.Repositories = append(report.Repositories, repository)
	}
	return report
}
