package registry

import (
	"cmp"
	"fmt"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

// statusColumns are shortened on a narrow terminal, the least important first. What one types next is kept.
var statusColumns = []console.Column{
	{Heading: "TAGS", Yields: 1, Least: 12, Keep: true},
	{Heading: "COMMIT"},
	{Heading: "DIGEST"},
	{Heading: "PLATFORMS", Yields: 3, Least: 11},
	{Heading: "SIZE", Right: true},
	{Heading: "AGE", Right: true, Yields: 6, Least: 6},
	{Heading: "EXPIRES", Right: true, Yields: 4, Least: 8},
	{Heading: "SCAN", Yields: 5, Least: 12},
	{Heading: "WITH", Yields: 2, Least: 8},
}

// showReport prints a heading, the newest images and the totals of each repository, and the totals of all.
func showReport(c *console.Console, report statusReport, now time.Time) {
	for i, r := range report.Repositories {
		if i > 0 {
			c.Answer("")
		}
		showHeading(c, r)
		if r.Error != "" || !r.Exists {
			continue
		}
		if len(r.Images) > 0 {
			rows := make([][]console.Cell, len(r.Images))
			for n, row := range r.Images {
				rows[n] = statusRow(row, now)
			}
			c.Columns(statusColumns, rows)
		}
		if more := r.TopLevelCount - len(r.Images); more > 0 && len(r.Images) > 0 {
			c.Line(console.Cell{Text: fmt.Sprintf("and %d more (-images=-1 shows all)", more), Paint: console.Dim})
		}
		sum := totals(r.Totals)
		if sharing(r) {
			sum[1].Text += ", what rows share counted once"
		}
		c.Line(sum...)
	}
	if len(report.Repositories) > 1 && report.Registry != "" { // else nothing was read
		c.Line(append([]console.Cell{{Text: "total", Paint: console.Bold}}, totals(report.Totals)...)...)
	}
}

// summary is for GitHub: the newest images of each repository.
func (r statusReport) summary(now time.Time) string {
	heading, rows := []string{"REPOSITORY"}, [][]string{}
	for _, column := range statusColumns {
		heading = append(heading, column.Heading)
	}
	for _, repository := range r.Repositories {
		name := "`" + repository.Name + "`"
		if len(repository.Images) == 0 {
			why := map[bool]string{true: "no image", false: "missing"}[repository.Exists]
			rows = append(rows, []string{name, cmp.Or(repository.Reason, why)})
		}
		for _, image := range repository.Images[:min(len(repository.Images), DefaultImages(false))] {
			cells := []string{name}
			for _, cell := range statusRow(image, now) {
				cells = append(cells, cell.Text)
			}
			rows = append(rows, cells)
		}
	}
	return console.Markdown("Repositories", heading, rows)
}

// showHeading names the repository, and says why if it cannot be shown.
func showHeading(c *console.Console, r ecr.Repository) {
	name := console.Cell{Text: r.Name, Paint: console.Bold}
	switch {
	case r.Error != "":
		c.Line(name, console.Cell{Text: "not known: " + r.Reason, Paint: console.Red})
	case !r.Exists:
		c.Line(name, console.Cell{Text: "missing", Paint: console.Red})
	default:
		scan := "no scan on push"
		if r.ScanOnPush {
			scan = "scan on push"
		}
		c.Line(name, console.Cell{Text: r.URI}, console.Cell{Text: "created " + console.Time(r.CreatedAt)},
			console.Cell{Text: r.Mutability}, console.Cell{Text: scan})
	}
}

// sharing is whether the shown rows add up to more than the total, because several indexes list the same image.
func sharing(r ecr.Repository) bool {
	var sum int64
	for _, row := range r.Images {
		sum += row.SizeBytes
	}
	return sum > r.SizeBytes
}

// totals are the number of images as people and as ECR count them, their size and its price.
func totals(t ecr.Totals) []console.Cell {
	images := fmt.Sprintf("%s (%d in ECR)", console.Count(t.TopLevelCount, "image", "images"), t.ImageCount)
	if t.TopLevelCount == t.ImageCount {
		images = console.Count(t.ImageCount, "image", "images")
	}
	size := console.Bytes(t.SizeBytes)
	if t.ArchivedCount > 0 {
		images += fmt.Sprintf(", %d archived", t.ArchivedCount)
		size += fmt.Sprintf(", %s of it archived", console.Bytes(t.ArchivedBytes))
	}
	return []console.Cell{{Text: images}, {Text: size}, {Text: price(t)}}
}

func price(t ecr.Totals) string {
	what := "a month"
	if t.ArchivedCount > 0 {
		what = "a month for the rest"
	}
	switch {
	case t.SizeBytes == t.ArchivedBytes:
		return "$0.00 " + what
	case t.StorageUSDPerMonth < 0.01:
		return "less than $0.01 " + what
	}
	return fmt.Sprintf("at most $%.2f %s", t.StorageUSDPerMonth, what)
}
