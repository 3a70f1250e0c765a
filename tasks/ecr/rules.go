package ecr

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"
)

// RetentionRule is one rule of a lifecycle policy.
type RetentionRule struct {
	Priority    int    `json:"priority"`
	Description string `json:"description,omitempty"`
	Images      string `json:"images"`  // what the rule is about, for people: any image, untagged, tagged v*
	Action      string `json:"action"`  // expire, or transition to the archive
	Matches     int    `json:"matches"` // images that the rule is about, due or not
	Takes       int    `json:"takes"`   // those that are due

	// NotBefore is when the first of its images will be due, for rules that go by the time of the push and take nothing yet.
	NotBefore *time.Time `json:"notBefore,omitempty"`

	selection selection
	oldest    *time.Time // push of the images it is about
}

// selection is which images a rule is about, in the names of the user guide (lifecycle_policy_parameters).
type selection struct {
	TagStatus      string
	TagPrefixList  []string
	TagPatternList []string
	StorageClass   string
	CountType      string
	CountNumber    int
}

// rulesOf reads a policy that ECR has taken, so what is in it is not checked again.
func rulesOf(policy string) ([]RetentionRule, error) {
	var parsed struct {
		Rules []struct {
			RulePriority int
			Description  string
			Selection    selection
			Action       struct{ Type string }
		}
	}
	if err := json.Unmarshal([]byte(policy), &parsed); err != nil {
		return nil, err
	}
	rules := make([]RetentionRule, len(parsed.Rules))
	for i, rule := range parsed.Rules {
		rules[i] = RetentionRule{
			Priority: rule.RulePriority, Description: rule.Description, Images: rule.Selection.String(), Action: rule.Action.Type, selection: rule.Selection,
		}
	}
	slices.SortFunc(rules, func(a, b RetentionRule) int { return a.Priority - b.Priority })
	return rules, nil
}

func (s selection) String() string {
	words := s.TagStatus
	switch s.TagStatus {
	case "any":
		words = "any image"
	case "tagged":
		words = "tagged " + strings.Join(slices.Concat(s.TagPatternList, star(s.TagPrefixList)), " and ")
	}
	if s.StorageClass == "archive" {
		words += ", archived"
	}
	return words
}

// see counts an image that the rule is about.
func (r *RetentionRule) see(image Image) {
	if !r.selection.about(image) {
		return
	}
	r.Matches++
	if r.oldest == nil || image.PushedAt != nil && image.PushedAt.Before(*r.oldest) {
		r.oldest = image.PushedAt
	}
}

// foresee sets the time before which the rule takes nothing. Its unit is days: there is no other.
func (r *RetentionRule) foresee() {
	if r.Takes == 0 && r.oldest != nil && r.selection.CountType == "sinceImagePushed" {
		r.NotBefore = new(r.oldest.AddDate(0, 0, r.selection.CountNumber))
	}
}

func star(prefixes []string) []string {
	patterns := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		patterns[i] = prefix + "*"
	}
	return patterns
}

// about reports whether a rule can ever take an image, whatever its age. Of several patterns each must be met by some tag.
func (s selection) about(image Image) bool {
	if (s.StorageClass == "archive") != (image.Status == "ARCHIVED") {
		return false
	}
	switch s.TagStatus {
	case "tagged":
		met := func(pattern string) bool {
			return slices.ContainsFunc(image.Tags, func(tag string) bool {
				matches, err := path.Match(pattern, tag) // a tag has no slash, and a pattern no wildcard but the star
				return err == nil && matches
			})
		}
		return !slices.ContainsFunc(slices.Concat(s.TagPatternList, star(s.TagPrefixList)), func(pattern string) bool { return !met(pattern) })
	case "untagged":
		return len(image.Tags) == 0
	}
	return true
}
