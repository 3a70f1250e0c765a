package ecr

import (
	"path"
	"regexp"
	"slices"
	"time"
)

// Filter narrows a cleanup down to the images that meet all of its conditions, and are neither protected nor in use. It
// judges images at the top, and children of an index with a tag of their own. Others follow what they belong to.
type Filter struct {
	Untagged       bool          // without any tag
	Tag            string        // with tags, all of which match this pattern; empty for any
	OlderThan      time.Duration // pushed longer ago, by ECR's clock; 0 for whenever
	Keep           int           // not among so many newest with a tag, of those that Tag selects; 0 for none
	Protect, InUse []string      // patterns of tags, and digests: kept, with the index and the subject of such images
}

// All reports whether it takes everything.
func (f Filter) All() bool { return !f.Untagged && f.Tag == "" && f.OlderThan == 0 && f.Keep == 0 }

// selected are the members to delete. Keep relies on the inventory's order, newest first.
func (f Filter) selected(inventory *Inventory, now time.Time) []*Member {
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
	inUse := map[string]bool{}
	for _, digest := range f.InUse {
		inUse[digest] = true
	}
	images := 0
	for _, m := range inventory.Members {
		if inUse[m.Digest] || slices.ContainsFunc(m.Tags, f.protects) {
			for _, owner := range reach(m, companions.owners) {
				keep(owner)
			}
		}
		if companions.standsForItself(m) && (f.keeps(m, &images) || !f.takes(m, now)) {
			keep(m)
		}
	}
	return slices.DeleteFunc(slices.Clone(inventory.Members), func(m *Member) bool { return kept[m] })
}

func (f Filter) protects(tag string) bool {
	return slices.ContainsFunc(f.Protect, func(pattern string) bool { return matches(pattern, tag) })
}

// keeps reports whether Keep spares a member, and counts images. Caches, charts and other artifacts are spared and not
// counted. A signature or list of contents without its image is not spared.
func (f Filter) keeps(m *Member, images *int) bool {
	if f.Keep == 0 || len(m.Tags) == 0 || !f.hasTag(m) || m.Subject != "" || namedByTag(m) != "" {
		return false
	}
	if kind := kindOf(m.Image); kind != KindImage && kind != KindIndex {
		return true
	}
	*images++
	return *images <= f.Keep
}

// takes reports whether an image meets the other conditions. An image without a push time is not old.
func (f Filter) takes(m *Member, now time.Time) bool {
	switch {
	case f.Untagged && len(m.Tags) > 0, !f.hasTag(m):
		return false
	case f.OlderThan == 0:
		return true
	}
	return m.PushedAt != nil && m.PushedAt.Before(now.Add(-f.OlderThan))
}

func (f Filter) hasTag(m *Member) bool {
	another := func(tag string) bool { return !matches(f.Tag, tag) }
	return f.Tag == "" || len(m.Tags) > 0 && !slices.ContainsFunc(m.Tags, another)
}

// matches compares a tag with a pattern such as v*. A malformed pattern matches nothing.
func matches(pattern, tag string) bool {
	matched, err := path.Match(pattern, tag)
	return matched && err == nil
}

type companionship struct {
	of     map[*Member][]*Member
	refers map[*Member][]*Member // to what
}

func companionsIn(inventory *Inventory) companionship {
	c := companionship{of: map[*Member][]*Member{}, refers: map[*Member][]*Member{}}
	named := map[string][]*Member{} // by the digest that their tag names
	for _, m := range inventory.Members {
		for _, parent := range m.Parents {
			c.of[parent] = append(c.of[parent], m)
		}
		for _, referrer := range m.Referrers {
			c.of[m] = append(c.of[m], referrer)
			c.refers[referrer] = append(c.refers[referrer], m)
		}
		if digest := namedByTag(m); digest != "" {
			named[digest] = append(named[digest], m)
		}
	}
	for _, m := range inventory.Members {
		if c.refers[m] != nil || namedByTag(m) != "" { // tags can say anything, each other's names too
			continue
		}
		for _, referrer := range named[m.Digest] {
			c.of[m] = append(c.of[m], referrer)
			c.refers[referrer] = append(c.refers[referrer], m)
		}
	}
	return c
}

func (c companionship) standsForItself(m *Member) bool {
	return c.refers[m] == nil && (len(m.Parents) == 0 || len(m.Tags) > 0)
}

func (c companionship) owners(m *Member) []*Member { return slices.Concat(m.Parents, c.refers[m]) }

// digestTag refers to an image without a subject: OCI's tag schema, and with a suffix such as .sig cosign's.
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
