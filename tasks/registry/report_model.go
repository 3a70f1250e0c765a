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
	timelineDays  = 31  // days with a line each; what is taken later is one line a repository
	timelineNames = 8   // images named in a line of the timeline
	worstListed   = 300 // findings
)

// reportPage is what the template draws: the model of ecr:status, and what follows from it.
type reportPage struct {
	Made         time.Time
	Registry     string
	Region       string
	Lock         string
	Totals       ecr.Totals
	Repositories []reportRepository
	Days         []leavingDay // the first day first
	Busiest      int          // the most images in one of them
	Findings     []*shownFinding
	MoreFindings int
}

type reportRepository struct {
	ecr.Repository
	Rows   []reportRow // all images, the newest first
	Shown  []reportRow // of these, what the page shows
	Tagged *reportRow  // the newest that has a tag
	Next   *reportRow  // the first that the policy takes
	Worst  *shownFinding
}

// reportRow is an image, the cells that ecr:status shows of it, and what becomes of it.
type reportRow struct {
	*ecr.Row
	Cells  []console.Cell
	Due    *time.Time // when the policy takes it, nil where that is not known
	Kept   bool       // by a rule for its tags, whatever its age
	InUse  bool
	Newest bool
}

type leavingDay struct {
	Day        time.Time // midnight; today for what is due
	Later      bool      // on the day and after it
	Repository string
	Rows       []reportRow // what should not be missed first
	Bytes      int64
}

func newReportPage(report statusReport, newest int, inUse []string, now time.Time) reportPage {
	page := reportPage{Made: now, Registry: report.Registry, Region: report.Region, Totals: report.Totals}
	for _, repository := range report.Repositories {
		r := newReportRepository(repository, newest, inUse, now)
		found := mergeFindings([]ecr.Scanned{r.scanned()})
		if len(found) > 0 {
			r.Worst = found[0]
		}
		page.Findings = append(page.Findings, found...)
		page.Days = append(page.Days, r.leaving(now)...)
		page.Repositories = append(page.Repositories, r)
	}
	slices.SortStableFunc(page.Findings, func(a, b *shownFinding) int { return ecr.Worse(a.Finding, b.Finding) })
	page.MoreFindings = max(0, len(page.Findings)-worstListed)
	page.Findings = page.Findings[:len(page.Findings)-page.MoreFindings]
	slices.SortStableFunc(page.Days, func(a, b leavingDay) int { return a.Day.Compare(b.Day) })
	for _, one := range page.Days {
		page.Busiest = max(page.Busiest, len(one.Rows))
	}
	return page
}

func newReportRepository(repository ecr.Repository, newest int, inUse []string, now time.Time) reportRepository {
	r := reportRepository{Repository: repository, Rows: make([]reportRow, len(repository.Images))}
	about := map[int]int{}
	for i := range r.Rows {
		row := &r.Rows[i]
		*row = reportRow{Row: &repository.Images[i], InUse: inUses(repository.Images[i], inUse), Newest: i == 0}
		about[row.Rule]++
		row.follow(repository.Rules, about[row.Rule], now)
		if r.Tagged == nil && len(row.Tags) > 0 {
			r.Tagged = row
		}
		if row.Due != nil && (r.Next == nil || row.Due.Before(*r.Next.Due)) {
			r.Next = row
		}
	}
	if r.Shown = r.Rows; newest >= 0 {
		r.Shown = r.Rows[:min(newest, len(r.Rows))]
	}
	for i := range r.Shown {
		r.Shown[i].Cells = r.Shown[i].cells(now)
	}
	return r
}

func inUses(row ecr.Row, inUse []string) bool {
	needs := func(digest string) bool { return slices.Contains(inUse, digest) }
	return needs(row.Digest) || slices.ContainsFunc(row.Children, func(part ecr.Part) bool { return needs(part.Digest) })
}

// follow decides what the policy does with the nth newest image that a rule is about. A rule for tags keeps the newest
// of its images. How many images another rule keeps also depends on images that have no row.
func (r *reportRow) follow(rules []ecr.RetentionRule, nth int, now time.Time) {
	r.Due = cmp.Or(r.ExpiresAt, r.ArchivesAt)
	i := slices.IndexFunc(rules, func(rule ecr.RetentionRule) bool { return rule.Priority == r.Rule })
	if i < 0 || rules[i].Keeps == 0 {
		return
	}
	if r.Kept = nth <= rules[i].Keeps; !r.Kept {
		r.Due = &now
	}
}

func (r *reportRow) cells(now time.Time) []console.Cell {
	cells := statusRow(*r.Row, now)
	const expiry = 6 // of statusColumns
	if r.Kept {
		cells[expiry] = console.Cell{Text: "protected", Paint: console.Green}
	} else if r.Due != nil && r.ExpiresAt == nil && r.ArchivesAt == nil {
		cells[expiry] = ending("", 0)
	}
	return cells
}

// scanned are the findings of the images that are shown, as ecr:scan has them.
func (r *reportRepository) scanned() ecr.Scanned {
	scanned := ecr.Scanned{Name: r.Name}
	for _, row := range r.Shown {
		scanned.Images = append(scanned.Images, ecr.ScannedImage{Image: row.Image, Scans: row.Scan.Platforms})
	}
	return scanned
}

func (r *reportRepository) leaving(now time.Time) []leavingDay {
	today := now.UTC().Truncate(day)
	last := today.Add(timelineDays * day)
	days := map[time.Time]*leavingDay{}
	for _, row := range r.Rows {
		if row.Due == nil {
			continue
		}
		at := row.Due.UTC().Truncate(day)
		if at.Before(today) {
			at = today
		} else if at.After(last) {
			at = last
		}
		if days[at] == nil {
			days[at] = &leavingDay{Day: at, Later: at.Equal(last), Repository: r.Name}
		}
		days[at].Rows = append(days[at].Rows, row)
		days[at].Bytes += row.SizeBytes
	}
	var all []leavingDay
	for _, one := range days {
		slices.SortStableFunc(one.Rows, func(a, b reportRow) int { return cmp.Compare(len(b.Marks()), len(a.Marks())) })
		all = append(all, *one)
	}
	return all
}

// Marks are what should not be missed of an image that is taken.
func (r reportRow) Marks() string {
	var words []string
	for _, mark := range []struct {
		on   bool
		word string
	}{
		{r.InUse, "in use"},
		{r.Newest, "newest"},
		{slices.Contains(r.Tags, "latest"), "latest"},
		{r.ArchivesAt != nil, "to archive"},
	} {
		if mark.on {
			words = append(words, mark.word)
		}
	}
	return strings.Join(words, ", ")
}

// imageName is what people call an image: its two shortest tags, or its digest.
func imageName(image ecr.Image) string {
	tags := slices.SortedStableFunc(slices.Values(image.Tags),
		func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	if len(tags) == 0 {
		return console.ShortDigest(image.Digest)
	}
	return strings.Join(tags[:min(len(tags), 2)], " ")
}

// Kept are the images that a rule protects.
func (r reportRepository) Kept(rule int) (names []string) {
	for _, row := range r.Rows {
		if row.Kept && row.Rule == rule {
			names = append(names, imageName(row.Image))
		}
	}
	return names
}

// Left is the number of images that the page does not show.
func (r reportRepository) Left() int { return len(r.Rows) - len(r.Shown) }

// Stamp is [reportPage.Made] for the functions that take a time that may be unknown.
func (p reportPage) Stamp() *time.Time { return &p.Made }

// Seconds is the age of an image, to sort by.
func (r reportRow) Seconds(now time.Time) int64 {
	if r.PushedAt == nil {
		return 0
	}
	return int64(now.Sub(*r.PushedAt).Seconds())
}

// Story is what happened to an image, and what will.
func (r reportRow) Story(now time.Time) string {
	words := []string{"pushed " + console.Time(r.PushedAt)}
	if r.Revision != "" {
		words = append(words, "commit "+r.Revision)
	}
	if r.Due != nil && r.Due.After(now) {
		words = append(words, "taken "+console.Time(r.Due))
	} else if r.Due != nil {
		words = append(words, "taken within 24 hours")
	}
	if r.Rule != 0 {
		words = append(words, fmt.Sprint("rule ", r.Rule))
	}
	return strings.Join(words, ", ")
}

type reportPart struct{ Text, Digest string }

// Parts are the platforms, attestations, lists of contents and signatures.
func (r reportRow) Parts() (parts []reportPart) {
	for _, part := range slices.Concat(r.Children, r.Referrers) {
		words := []string{part.Kind}
		if part.Platform != "" {
			words = append(words, part.Platform)
		}
		words = append(words, part.Tags...)
		if part.Missing {
			words = append(words, "missing")
		} else {
			words = append(words, console.Bytes(part.SizeBytes))
		}
		parts = append(parts, reportPart{strings.Join(words, " "), part.Digest})
	}
	return parts
}

// Unnamed is the number of images that the timeline's line does not name.
func (d leavingDay) Unnamed() int { return len(d.Rows) - len(firstRows(d.Rows)) }

// Rank is the severity as a number, to sort by.
func (f shownFinding) Rank() int { return slices.Index(ecr.Severities, f.Severity) }

// OtherImages is the number of images with the finding besides the first.
func (f shownFinding) OtherImages() int { return len(f.Images) - 1 }

// Columns are the finding's packages.
func (f shownFinding) Columns() []string {
	names, installed, fixed := packages(f.Packages)
	return []string{names, installed, fixed}
}
