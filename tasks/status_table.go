package tasks

import (
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

// statusColumns give way, on a narrow terminal, in the order of what people miss least.
var statusColumns = []console.Column{
	{Heading: "TAGS", Yields: 1, Least: 12, Keep: true},
	{Heading: "DIGEST", Yields: 3, Least: 19},
	{Heading: "PLATFORMS", Yields: 4, Least: 11},
	{Heading: "SIZE", Right: true},
	{Heading: "AGE", Right: true, Yields: 7, Least: 6},
	{Heading: "EXPIRES", Right: true, Yields: 6, Least: 8},
	{Heading: "SCAN", Yields: 5, Least: 11},
	{Heading: "WITH", Yields: 2, Least: 8},
}

// show prints a heading, the newest images and the totals of each repository, and the totals of all.
func (s *session) show(report statusReport, now time.Time) {
	for _, r := range report.Repositories {
		s.heading(r)
		if r.Error != "" || !r.Exists {
			s.Answer("")
			continue
		}
		if len(r.Images) > 0 {
			rows := make([][]console.Cell, len(r.Images))
			for i, row := range r.Images {
				rows[i] = statusRow(row, now)
			}
			s.Columns(statusColumns, rows)
		}
		if more := r.TopLevelCount - len(r.Images); more > 0 && len(r.Images) > 0 {
			s.Line(console.Cell{Text: fmt.Sprintf("and %d more (-images=-1 shows all)", more), Paint: console.Dim})
		}
		sum := totals(r.Totals)
		if sharing(r) {
			sum[1].Text += ", what rows share counted once"
		}
		s.Line(sum...)
		s.Answer("")
	}
	if len(report.Repositories) > 1 {
		s.Line(append([]console.Cell{{Text: "total", Paint: console.Bold}}, totals(report.Totals)...)...)
	}
}

// heading says which repository it is, or why there is nothing to say of it.
func (s *session) heading(r ecr.Repository) {
	name := console.Cell{Text: r.Name, Paint: console.Bold}
	switch {
	case r.Error != "":
		s.Line(name, console.Cell{Text: "not known: " + r.Reason, Paint: console.Red})
	case !r.Exists:
		s.Line(name, console.Cell{Text: "missing", Paint: console.Red})
	default:
		scan := "no scan on push"
		if r.ScanOnPush {
			scan = "scan on push"
		}
		s.Line(name, console.Cell{Text: r.URI}, console.Cell{Text: "created " + when(r.CreatedAt)}, console.Cell{Text: r.Mutability}, console.Cell{Text: scan})
	}
}

// sharing reports whether the rows that are shown add up to more than the total: several indexes list the same image.
func sharing(r ecr.Repository) bool {
	var sum int64
	for _, row := range r.Images {
		sum += row.SizeBytes
	}
	return sum > r.SizeBytes
}

// totals are the images as people count them and as ECR does, their size and its price.
func totals(t ecr.Totals) []console.Cell {
	images := fmt.Sprintf("%s (%d in ECR)", count(t.TopLevelCount, "image", "images"), t.ImageCount)
	if t.TopLevelCount == t.ImageCount {
		images = count(t.ImageCount, "image", "images")
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

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// shortDigest is enough of a digest to tell images apart; -json has all of it.
func shortDigest(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }

func tags(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, " ")
}
