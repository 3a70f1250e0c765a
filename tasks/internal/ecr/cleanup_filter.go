package ecr

import (
	"regexp"
	"slices"
	"time"
)

// Filter narrows a cleanup down to the images that meet all of its conditions. The zero value takes everything.
//
// It judges images and indexes at the top, and children of an index that have a tag of their own. Other children and
// all referrers follow what they belong to, and are kept when anything that is kept needs them.
type Filter struct {
	Untagged bool      // without any tag
	Before   time.Time // pushed before it; zero for whenever
	Keep     int       // not among so many newest with a tag; 0 for none
}

// All reports whether it takes everything.
func (f Filter) All() bool { return f == Filter{} }

// selected are the members to delete. An inventory is sorted by push, newest first, which is the order that Keep needs.
func (f Filter) selected(inventory *Inventory) []*Member {
	companions := companionsIn(inventory)
	kept := make(map[*Member]bool, len(inventory.Members))
	var keep func(*Member)
	keep = func(m *Member) {
		if kept[m] {
			return
		}
		kept[m] = true
		for _, one := range companions.of[m] {
			keep(one)
		}
	}
	tagged := 0
	for _, m := range inventory.Members {
		if !companions.standsForItself(m) {
			continue
		}
		if len(m.Tags) > 0 {
			tagged++
		}
		if !f.takes(m, len(m.Tags) > 0 && tagged <= f.Keep) {
			keep(m)
		}
	}
	return slices.DeleteFunc(slices.Clone(inventory.Members), func(m *Member) bool { return kept[m] })
}

// takes reports whether an image meets all conditions. An image without a push time is not old.
func (f Filter) takes(m *Member, newest bool) bool {
	switch {
	case newest, f.Untagged && len(m.Tags) > 0:
		return false
	case f.Before.IsZero():
		return true
	}
	return m.PushedAt != nil && m.PushedAt.Before(f.Before)
}

// companionship is what is kept together: an index with its children, an image with its referrers.
type companionship struct {
	of     map[*Member][]*Member
	refers map[*Member]bool
}

func companionsIn(inventory *Inventory) companionship {
	c := companionship{of: map[*Member][]*Member{}, refers: map[*Member]bool{}}
	named := map[string][]*Member{} // by the digest that their tag names
	for _, m := range inventory.Members {
		for _, parent := range m.Parents {
			c.of[parent] = append(c.of[parent], m)
		}
		for _, referrer := range m.Referrers {
			c.of[m] = append(c.of[m], referrer)
			c.refers[referrer] = true
		}
		if digest := namedByTag(m); digest != "" {
			named[digest] = append(named[digest], m)
		}
	}
	for _, m := range inventory.Members {
		if c.refers[m] || namedByTag(m) != "" { // tags can say anything, each other's names too
			continue
		}
		for _, referrer := range named[m.Digest] {
			c.of[m] = append(c.of[m], referrer)
			c.refers[referrer] = true
		}
	}
	return c
}

func (c companionship) standsForItself(m *Member) bool {
	return !c.refers[m] && (len(m.Parents) == 0 || len(m.Tags) > 0)
}

// digestTag is how clients refer to an image where they do not use a subject: the tag schema of the OCI distribution
// specification, and with a suffix such as .sig cosign's.
var digestTag = regexp.MustCompile(`^sha256-([0-9a-f]{64})(\.[a-z]+)?$`)

// namedByTag is the digest that a member refers to by its only tag; empty for none.
func namedByTag(m *Member) string {
	if len(m.Tags) != 1 {
		return ""
	}
	found := digestTag.FindStringSubmatch(m.Tags[0])
	if found == nil || m.Digest == "sha256:"+found[1] {
		return ""
	}
	return "sha256:" + found[1]
}
