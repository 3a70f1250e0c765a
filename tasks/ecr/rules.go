package ecr

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// RetentionRule is one rule of a lifecycle policy.
type RetentionRule struct {
	Priority    int    `json:"priority"`
	Description string `json:"description,omitempty"`
	Images      string `json:"images"`  // what the rule is about, for people: any image, untagged, tagged v*
	Action      string `json:"action"`  // expire, or transition to the archive
	Matches     int    `json:"matches"` // images that the rule is about, due or not
	Takes       int    `json:"takes"`   // those that are due

	selection selection
}

// selection is which images a rule is about, in the names of the user guide (lifecycle_policy_parameters).
type selection struct {
	TagStatus      string
	TagPrefixList  []string
	TagPatternList []string
	StorageClass   string
	CountType      string
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
