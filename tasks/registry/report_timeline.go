package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	timelineDays  = 31 // days with a line each; what is taken later is one line a repository
	timelineNames = 8  // images that a line names
)

// leavingDay is what the policy of a repository takes on one day.
type leavingDay struct {
	Day        time.Time // midnight; today for what is due
	Later      bool      // on the day and after it
	Repository string
	Rows       []*reportRow // what should not be missed first
	Bytes      int64
}

// leaving is what the policy takes, by day.
func (r *reportRepository) leaving(now time.Time) []leavingDay {
	today := now.UTC().Truncate(day)
	last := today.Add(timelineDays * day)
	days := map[time.Time]*leavingDay{}
	for i := range r.Rows {
		row := &r.Rows[i]
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
		slices.SortStableFunc(one.Rows, moreMarks)
		all = append(all, *one)
	}
	return all
}

func moreMarks(a, b *reportRow) int { return cmp.Compare(len(b.Marks), len(a.Marks)) }

// Week is what the policies take in the next seven days.
func (p reportPage) Week() (week leavingDay) {
	for _, one := range p.Days {
		if one.Day.Before(p.Made.Add(7 * day)) {
			week.Rows = append(week.Rows, one.Rows...)
		}
	}
	slices.SortStableFunc(week.Rows, moreMarks)
	return week
}

func (r reportRow) marks(newest bool) string {
	var words []string
	for _, mark := range []struct {
		on   bool
		word string
	}{
		{r.InUse, "in use"},
		{newest, "newest"},
		{slices.Contains(r.Tags, "latest"), "latest"},
		{r.ArchivesAt != nil, "to archive"},
	} {
		if mark.on {
			words = append(words, mark.word)
		}
	}
	return strings.Join(words, ", ")
}

// Marked is whether an image of the day should not be missed.
func (d leavingDay) Marked() bool { return d.Rows[0].Marks != "" }

// Names are the first images of the day, with their marks, and how many more there are.
func (d leavingDay) Names() string {
	named := d.Rows[:min(len(d.Rows), timelineNames)]
	words := make([]string, len(named))
	for i, row := range named {
		words[i] = imageName(row.Image)
		if row.Marks != "" {
			words[i] += " (" + row.Marks + ")"
		}
	}
	names := strings.Join(words, ", ")
	if more := len(d.Rows) - len(named); more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return names
}
