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
	days := make([]leavingDay, timelineDays+1)
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Due == nil {
			continue
		}
		n := min(max(int(row.Due.Sub(today)/day), 0), timelineDays)
		one := &days[n]
		one.Day, one.Later, one.Repository = today.AddDate(0, 0, n), n == timelineDays, r.Name
		one.Rows, one.Bytes = append(one.Rows, row), one.Bytes+row.SizeBytes
	}
	for _, one := range days {
		slices.SortStableFunc(one.Rows, moreMarks)
	}
	return slices.DeleteFunc(days, func(one leavingDay) bool { return one.Rows == nil })
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

// marks are what should not be missed of an image that is taken.
func marks(inUse, newest, latest, archived bool) string {
	var words []string
	for i, on := range []bool{inUse, newest, latest, archived} {
		if on {
			words = append(words, []string{"in use", "newest", "latest", "to archive"}[i])
		}
	}
	return strings.Join(words, ", ")
}

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
