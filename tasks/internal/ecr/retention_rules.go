package ecr

import (
	"cmp"
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
	Matches     int    `json:"matches"` // images that are the rule's to take, due or not
	Claimed     int    `json:"claimed"` // those that it is about too, and that are an earlier rule's
	Takes       int    `json:"takes"`   // those that are due
	// NotBefore is when the first of its images will be due, for rules of days that take nothing yet.
	NotBefore *time.Time `json:"notBefore,omitempty"`

	Keeps int `json:"-"` // of a rule for tags: how many of its newest images it keeps, whatever their age

	rule lifecycleRule
}

func rulesOf(text string) ([]RetentionRule, error) {
	policy, err := parsePolicy(text)
	return policy.rules(), err
}

func (p lifecyclePolicy) rules() []RetentionRule {
	rules := make([]RetentionRule, len(p.Rules))
	for i, rule := range p.Rules {
		rules[i] = RetentionRule{
			Priority: rule.RulePriority, Description: rule.Description, Images: rule.images(),
			Action: rule.Action.Type, rule: rule,
		}
		if rule.Selection.CountType == countOfImages && rule.Selection.TagStatus == "tagged" {
			rules[i].Keeps = rule.Selection.CountNumber
		}
	}
	return rules
}

func (r lifecycleRule) images() string {
	words := r.Selection.TagStatus
	switch words {
	case "any":
		words = "any image"
	case "tagged":
		words = "tagged " + strings.Join(slices.Concat(r.Selection.TagPatternList, star(r.Selection.TagPrefixList)), " and ")
	}
	if r.Selection.StorageClass == "archive" {
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

func see(rules []RetentionRule, image Image) {
	claimed := false
	for i := range rules {
		switch r := &rules[i]; {
		case !r.rule.about(image):
		case claimed:
			r.Claimed++
		default:
			r.claim(image)
			claimed = true
		}
	}
}

func (r *RetentionRule) claim(image Image) {
	r.Matches++
	expiry := r.rule.expiry(image)
	due := cmp.Or(expiry.ExpiresAt, expiry.ArchivesAt)
	if r.NotBefore == nil || due != nil && due.Before(*r.NotBefore) {
		r.NotBefore = due
	}
}
