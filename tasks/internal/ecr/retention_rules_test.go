package ecr

import (
	"testing"
	"time"
)

// An image is one rule's, whatever else is about it.
func TestRulesShareNoImage(t *testing.T) {
	const days = `"countType":"sinceImagePushed","countUnit":"days","countNumber":`
	rules, err := rulesOf(`{"rules":[
		{"rulePriority":3,"selection":{"tagStatus":"any",` + days + `30},"action":{"type":"expire"}},
		{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPatternList":["v?","[v]\\*"],` + days +
		`5},"action":{"type":"expire"}},
		{"rulePriority":2,"description":"x","selection":{"tagStatus":"tagged","tagPrefixList":["v"],` + days +
		`9},"action":{"type":"transition","targetStorageClass":"archive"}},
		{"rulePriority":4,"selection":{"tagStatus":"untagged",` + days + `1},"action":{"type":"expire"}},
		{"rulePriority":5,"selection":{"tagStatus":"any","storageClass":"archive",
			"countType":"sinceImageTransitioned","countUnit":"days","countNumber":90},"action":{"type":"expire"}}
	]}`)
	if err != nil {
		t.Fatal(err)
	}
	pushed, back := day(0), day(7)
	for _, image := range []Image{
		{Tags: []string{"v1"}, PushedAt: new(day(3))},
		{Tags: []string{"v2", "x"}, PushedAt: &pushed, ActivatedAt: &back}, // counts from when it came back
		{PushedAt: &back},
		{PushedAt: new(day(8))},
		{Tags: []string{"v3"}, PushedAt: &pushed, Status: "ARCHIVED", ArchivedAt: &back},
	} {
		see(rules, image)
	}
	for i, want := range []struct {
		matches, claimed int
		images           string
		notBefore        time.Time
	}{
		{0, 0, `tagged v? and [v]\*`, time.Time{}}, // only the star is one
		{2, 0, "tagged v*", day(12)},
		{2, 2, "any image", day(37)},
		{0, 2, "untagged", time.Time{}},
		{1, 0, "any image, archived", day(97)},
	} {
		rule, notBefore := &rules[i], time.Time{}
		if rule.NotBefore != nil {
			notBefore = *rule.NotBefore
		}
		if rule.Matches != want.matches || rule.Claimed != want.claimed || rule.Images != want.images ||
			!notBefore.Equal(want.notBefore) || rule.Priority != i+1 {
			t.Errorf("rule %d: %+v, nothing before %v, want %+v", i+1, rule, notBefore, want)
		}
	}
	if rules[1].Description != "x" || rules[1].Action != "transition" {
		t.Errorf("rule 2 is %+v, want its description and its action", rules[1])
	}
}
