package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

const (
	day          = 24 * time.Hour
	expiringSoon = 3 * day
)

func statusRow(row ecr.Row, now time.Time) []console.Cell {
	cells := []console.Cell{
		{Text: rowTags(row)},
		{Text: console.ShortCommit(row.Revision)},
		{Text: console.ShortDigest(row.Digest)},
		{Text: platforms(row)},
		{Text: weight(row)},
		{Text: age(row.PushedAt, now)},
		expires(row.Expiry, now),
		severities(row.Scan),
		{Text: belongings(row, now)},
	}
	if !row.Active() {
		for i := range cells {
			cells[i].Paint = console.Dim
		}
	}
	return cells
}

// rowTags are a row's tags, the shortest first: latest and v1.2 come before times and commits. A tag of a manifest that
// is folded into the row names the manifest: v1.2 (linux/arm64).
func rowTags(row ecr.Row) string {
	names := slices.Clone(row.Tags)
	for _, part := range slices.Concat(row.Children, row.Referrers) {
		for _, tag := range part.Tags {
			names = append(names, fmt.Sprintf("%s (%s)", tag, cmp.Or(part.Platform, part.Kind)))
		}
	}
	return console.List(slices.SortedStableFunc(slices.Values(names),
		func(a, b string) int { return cmp.Compare(tagLength(a), tagLength(b)) }))
}

// tagLength is the length of a tag without the words that follow it in [rowTags].
func tagLength(name string) int {
	tag, _, _ := strings.Cut(name, " ")
	return len(tag)
}

// platforms names an operating system once: linux/amd64,arm64.
func platforms(row ecr.Row) string {
	var words []string
	last := ""
	for _, platform := range row.Platforms {
		system, machine, _ := strings.Cut(platform, "/")
		if system == last {
			words[len(words)-1] += "," + machine
			continue
		}
		words, last = append(words, platform), system
	}
	return console.List(words)
}

// weight is the size of a row. An index with unknown children has none: the children have rows of their own.
func weight(row ecr.Row) string {
	if row.Kind == ecr.KindIndex && row.SizeBytes == 0 {
		return "-"
	}
	return console.Bytes(row.SizeBytes)
}

// age is about how long ago something was: 3 h, 12 d.
func age(t *time.Time, now time.Time) string {
	if t == nil {
		return "-"
	}
	return lasting(max(now.Sub(*t), 0))
}

func lasting(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d/day))
}

// upToDay is what rounds days that are left up: an image that was just pushed has all of its days.
func upToDay(left time.Duration) time.Duration {
	if left < 2*day {
		return 0
	}
	return (day - left%day) % day
}

func expires(e ecr.Expiry, now time.Time) console.Cell {
	switch e.Kind {
	case ecr.ExpiryAt:
		return ending("", e.ExpiresAt.Sub(now))
	case ecr.ExpiryArchive:
		return ending("archive ", e.ArchivesAt.Sub(now))
	case ecr.ExpiryNever:
		return console.Cell{Text: "never"}
	case ecr.ExpiryCount:
		return console.Cell{Text: "by count"}
	}
	return console.Cell{Text: "?"}
}

func ending(how string, left time.Duration) console.Cell {
	cell := console.Cell{Text: how + "due"}
	if left > 0 {
		cell.Text = how + lasting(left+upToDay(left))
	}
	if left < expiringSoon {
		cell.Paint = console.Yellow
	}
	return cell
}

// severities are the findings of a scan, the worst first; harmless ones are left out.
func severities(scan ecr.RowScan) console.Cell {
	if scan.Status == ecr.ScanUnknown || scan.Status == ecr.ScanNotAsked {
		return console.Cell{Text: "-"}
	}
	if scan.Status != ecr.ScanFound {
		return console.Cell{Text: scanWord(scan.Status)}
	}
	cell := console.Cell{Text: scan.Findings.String()}
	if scan.Findings.From("high") > 0 {
		cell.Paint = console.Red
	}
	return cell
}

// scanWord is a scan's result in a table. Not to have a scanner for an image from scratch is no failure.
func scanWord(result ecr.ScanResult) string {
	if result == ecr.ScanUnsupported {
		return "not scanned (scratch)"
	}
	return string(result)
}

// belongings names the manifests that are folded into a row, and what is unusual about the row.
func belongings(row ecr.Row, now time.Time) string {
	var words []string
	if !row.Active() {
		words = append(words, strings.ToLower(row.Status))
	}
	if row.Kind != ecr.KindImage && row.Kind != ecr.KindIndex {
		words = append(words, row.Kind) // the image that it belongs to is gone
	}
	if slices.Contains(row.Tags, "latest") && soon(row.ExpiresAt, now) {
		words = append(words, "latest expires soon")
	}
	lost, kinds := 0, map[string]int{}
	for _, part := range slices.Concat(row.Children, row.Referrers) {
		if part.Missing {
			lost++
		}
		kinds[part.Kind]++
	}
	for _, kind := range []string{ecr.KindAttestation, ecr.KindSBOM, ecr.KindSignature, ecr.KindArtifact} {
		if n := kinds[kind]; n > 0 {
			words = append(words, "+"+console.Count(n, kind, kind+"s"))
		}
	}
	if lost > 0 {
		words = append(words, console.Count(lost, "child", "children")+" missing")
	}
	return strings.Join(words, " ")
}
