package ecr

import "time"

// Filter narrows a cleanup down to the images that meet all of its conditions. The zero value takes everything.
//
// What it judges is what stands for itself: an image or an index at the top, and a child of an index that has a tag of its own.
// All else goes with what it belongs to, an index's children and what refers to an image, and stays when anything that stays
// needs it.
type Filter struct {
	Untagged bool      // without any tag
	Before   time.Time // pushed before it; zero for whenever
	Keep     int       // not among so many newest with a tag; 0 for none
}

// All reports whether it takes everything.
func (f Filter) All() bool { return f == Filter{} }

// doomed decides what goes. It needs no order of Keep's own: an inventory is sorted by push, newest first.
func (f Filter) doomed(inventory *Inventory) []*Member {
	children := map[*Member][]*Member{}
	for _, m := range inventory.Members {
		for _, parent := range m.Parents {
			children[parent] = append(children[parent], m)
		}
	}
	stays := make(map[*Member]bool, len(inventory.Members))
	var stay func(*Member)
	stay = func(m *Member) {
		if stays[m] {
			return
		}
		stays[m] = true
		for _, needed := range children[m] {
			stay(needed)
		}
		for _, referrer := range m.Referrers {
			stay(referrer)
		}
	}
	tagged := 0
	for _, m := range inventory.Members {
		if !standsForItself(m) {
			continue
		}
		if len(m.Tags) > 0 {
			tagged++
		}
		if !f.takes(m, len(m.Tags) > 0 && tagged <= f.Keep) {
			stay(m)
		}
	}
	var doomed []*Member
	for _, m := range inventory.Members {
		if !stays[m] {
			doomed = append(doomed, m)
		}
	}
	return doomed
}

// takes reports whether an image meets all conditions. One whose push time ECR does not tell is not old.
func (f Filter) takes(m *Member, newest bool) bool {
	switch {
	case newest, f.Untagged && len(m.Tags) > 0:
		return false
	case f.Before.IsZero():
		return true
	}
	return m.PushedAt != nil && m.PushedAt.Before(f.Before)
}

func standsForItself(m *Member) bool { return m.Top() || len(m.Tags) > 0 && !m.refers }
