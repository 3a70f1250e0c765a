package catalog

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Mark is what a lifecycle policy has in mind for one image.
type Mark struct {
	Image    *Image // one of those that were decided over
	Priority int    // of the rule that applies
	Expire   bool   // it will be deleted; else it will be archived
}

// Marks decides which images a policy would expire or archive, oldest first. It is what a preview shows.
//
// The rules are those of the user guide (LifecyclePolicies, "Lifecycle policy evaluation rules"): every rule looks at
// all images of its storage class as if the other rules were not there, children of an index and artifacts among them;
// then an image belongs to the first rule by priority whose tagging it matches, and no other rule can mark it.
func (p LifecyclePolicy) Marks(images []Image, now time.Time) []Mark {
	var marks []Mark
	taken := map[string]bool{}
	for _, rule := range p.Rules {
		matching := rule.matching(images)
		for _, img := range rule.overdue(matching, now) {
			if !taken[img.Digest] {
				marks = append(marks, Mark{img, rule.Priority, rule.Action.Type == "expire"})
			}
		}
		for _, img := range matching {
			taken[img.Digest] = true
		}
	}
	slices.SortFunc(marks, func(a, b Mark) int { return byAge(a.Image, b.Image) })
	return marks
}

// matching are the images of the rule's storage class whose tags it asks for, oldest first.
func (r LifecycleRule) matching(images []Image) []*Image {
	// An image that is being restored is neither.
	status := map[string]string{"standard": Active, "archive": Archived}[r.class()]
	var out []*Image
	for i := range images {
		if images[i].Status == status && r.Selection.matches(images[i].Tags) {
			out = append(out, &images[i])
		}
	}
	slices.SortFunc(out, byAge)
	return out
}

// matches reports whether an image with these tags is one that the selection is about. Each prefix and each pattern
// must match one of the tags, not all of them the same.
func (s LifecycleSelection) matches(tags []string) bool {
	switch s.TagStatus {
	case "untagged":
		return len(tags) == 0
	case "tagged":
		return fitAll(s.TagPrefixes, tags, func(prefix, tag string) bool { return strings.HasPrefix(tag, prefix) }) &&
			fitAll(s.TagPatterns, tags, matchWildcard)
	}
	return true
}

func fitAll(wanted, tags []string, fits func(want, tag string) bool) bool {
	return !slices.ContainsFunc(wanted, func(want string) bool {
		return !slices.ContainsFunc(tags, func(tag string) bool { return fits(want, tag) })
	})
}

// overdue are those of the matching images, given oldest first, that the rule has counted out.
func (r LifecycleRule) overdue(matching []*Image, now time.Time) []*Image {
	s := r.Selection
	if s.CountType == "imageCountMoreThan" {
		return matching[:max(0, len(matching)-s.CountNumber)]
	}
	since := map[string]func(*Image) time.Time{
		"sinceImagePushed": (*Image).inUseSince, "sinceImagePulled": (*Image).lastUsed,
		"sinceImageTransitioned": (*Image).age,
	}[s.CountType]
	var out []*Image
	for _, img := range matching {
		if now.Sub(since(img)).Hours() > 24*float64(s.CountNumber) {
			out = append(out, img)
		}
	}
	return out
}

// inUseSince is when an image was pushed, or when it came back from the archive.
func (img *Image) inUseSince() time.Time { return laterOf(img.PushedAt, img.ActivatedAt) }

// lastUsed is when an image was last pulled, as far as that is after it was pushed or came back.
func (img *Image) lastUsed() time.Time {
	if img.LastPull.IsZero() {
		return img.inUseSince()
	}
	return laterOf(img.LastPull, img.ActivatedAt)
}

// age is the time by which images are put in order.
func (img *Image) age() time.Time {
	if img.Status == Archived {
		return img.ArchivedAt
	}
	return img.inUseSince()
}

func byAge(a, b *Image) int {
	return cmp.Or(a.age().Compare(b.age()), cmp.Compare(a.Digest, b.Digest))
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
