package registry

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

const worstListed = 300 // findings

// reportPage is what the template draws: the model of ecr:status, and what follows from it.
type reportPage struct {
	Made         *time.Time
	Registry     string
	Region       string
	Lock         string
	Totals       ecr.Totals
	Repositories []reportRepository
	Days         []leavingDay      // the first day first
	Busiest      int               // the most images in one of them
	Newest       *reportRepository // of those with a tag, the last that was pushed to
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
	Cells []console.Cell
	Due   *time.Time // when the policy takes it, nil where that is not known
	Kept  bool       // by a rule for its tags, whatever its age
	InUse bool
	Marks string
}

func newReportPage(report statusReport, newest int, inUse []string, now time.Time) reportPage {
	page := reportPage{Made: &now, Registry: report.Registry, Region: report.Region, Totals: report.Totals}
	for _, repository := range report.Repositories {
		r := newReportRepository(repository, newest, inUse, now)
		found := mergeFindings([]ecr.Scanned{r.scanned()})
		if len(found) > 0 {
			r.Worst = found[0]
		}
		page.Findings = append(page.Findings, found...)
		page.Days = append(page.Days, r.leaving(now)...)
		page.Repositories = append(page.Repositories, r)
		if r.Tagged != nil && (page.Newest == nil || r.Tagged.Seconds(now) < page.Newest.Tagged.Seconds(now)) {
			page.Newest = &r
		}
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
		*row = reportRow{Row: &repository.Images[i], InUse: inUses(repository.Images[i], inUse)}
		row.Marks = marks(row.InUse, i == 0, slices.Contains(row.Tags, "latest"), row.ArchivesAt != nil)
		about[row.Rule]++
		row.follow(repository.Rules, about[row.Rule], now)
		if r.Tagged == nil && len(row.Tags) > 0 {
			r.Tagged = row
		}
		if row.Due != nil && (r.Next == nil || row.Due.Before(*r.Next.Due)) {
			r.Next = row
		}
	}
	for i, row := range r.Rows {
		if newest < 0 || i < newest || row.InUse {
			row.Cells = row.cells(now)
			r.Shown = append(r.Shown, row)
		}
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

// imageName is what people call an image: its two shortest tags, or its digest.
func imageName(image ecr.Image) string {
	tags := slices.SortedStableFunc(slices.Values(image.Tags),
		func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	if len(tags) == 0 {
		return console.ShortDigest(image.Digest)
	}
	return strings.Join(tags[:min(len(tags), 2)], " ")
}
