package image

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	latest      = "latest"
	stampLayout = "20060102-150405"
)

// tagForm is a tag of the OCI distribution specification. ECR allows 300 characters, clients only these 128.
var tagForm = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// Tags are the names an image is published under.
type Tags struct {
	Fixed  []string // always written, unless they point at the image already
	Stamp  string   // written only when the digest is new in the repository; empty for none
	Commit string   // the one of Fixed that names the commit; empty for none
}

// ChooseTags decides: what the user asked for and nothing else, or the commit, latest, and the time in UTC as the
// stamp. Where latest cannot move it is left out: it would point at the first image for ever.
func ChooseTags(rev Revision, now time.Time, explicit []string, movable func(tag string) bool) Tags {
	if len(explicit) > 0 {
		return Tags{Fixed: unique(explicit)}
	}
	t := Tags{Stamp: now.UTC().Format(stampLayout)}
	if commit := rev.String(); commit != "" {
		t.Fixed, t.Commit = append(t.Fixed, commit), commit
	}
	if movable(latest) {
		t.Fixed = append(t.Fixed, latest)
	}
	return t
}

func (t Tags) all() []string {
	if t.Stamp == "" {
		return t.Fixed
	}
	return append(slices.Clone(t.Fixed), t.Stamp)
}

// ParseTags reads a comma list of tags and reports every fault at once.
func ParseTags(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	var tags []string
	for word := range strings.SplitSeq(list, ",") {
		tags = append(tags, strings.TrimSpace(word))
	}
	if err := checkTags(tags); err != nil {
		return nil, fmt.Errorf("reading tags %q: %w", list, err)
	}
	return unique(tags), nil
}

func checkTags(tags []string) error {
	var faults []error
	for _, tag := range tags {
		switch {
		case tag == "":
			faults = append(faults, errors.New("a tag is empty"))
		case len(tag) > 128:
			faults = append(faults, fmt.Errorf("tag %q… is %d characters long: want at most 128", tag[:24], len(tag)))
		case !tagForm.MatchString(tag):
			faults = append(faults,
				fmt.Errorf("tag %q: want letters, digits, dots, dashes and underscores, no dot or dash in front", tag))
		}
	}
	return errors.Join(faults...)
}

func unique(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}
