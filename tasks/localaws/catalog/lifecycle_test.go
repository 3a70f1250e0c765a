package catalog_test

import (
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

func TestParseLifecycle(t *testing.T) {
	rule := func(priority, selection, action string) string {
		return `{"rulePriority":` + priority + `,"selection":{` + selection + `},"action":{` + action + `}}`
	}
	const (
		expire   = `"type":"expire"`
		archive  = `"type":"transition","targetStorageClass":"archive"`
		anyOld   = `"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":30`
		archived = `"tagStatus":"any","countType":"sinceImageTransitioned","countUnit":"days","countNumber":90,"storageClass":"archive"`
		untagged = `"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":3`
		oldTags  = `"tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":3`
	)
	for _, c := range []struct{ name, rules, want string }{
		{"one rule", rule("1", anyOld, expire), ""},
		{"prefixes", rule("1", oldTags+`,"tagPrefixList":["v"]`, expire), ""},
		{"patterns", rule("1", oldTags+`,"tagPatternList":["v*","*-rc"]`, expire), ""},
		{"archive", rule("1", strings.Replace(anyOld, "Pushed", "Pulled", 1), archive), ""},
		{"archived", rule("1", anyOld, archive) + "," + rule("2", archived, expire), ""},
		{"standard by name", rule("1", anyOld+`,"storageClass":"standard"`, expire), ""},
		{"untagged once a class", rule("1", untagged, archive) + "," + rule("2", strings.Replace(archived, "any", "untagged", 1), expire), ""},
		{"expiry too early", rule("1", strings.Replace(archived, "90", "89", 1), expire), "(minimum: 90, found: 89)"},
		{"no class", rule("1", strings.Replace(archived, `,"storageClass":"archive"`, "", 1), expire), `("standard")`},
		{"archived pushes", rule("1", anyOld+`,"storageClass":"archive"`, expire), `("archive")`},
		{"archived archives", rule("1", archived, archive), "cannot be transitioned"},
		{"untagged twice", rule("1", untagged, expire) + "," + rule("2", untagged, expire), "Only one rule can select Untagged images per storage class"},
		{"a prefix twice", rule("1", oldTags+`,"tagPrefixList":["a","b"]`, expire) + "," + rule("2", oldTags+`,"tagPrefixList":["b","a"]`, expire), "unique tagPrefixList"},
		{"null", rule("1", anyOld, expire+`,"targetStorageClass":null`), "instance failed to match exactly one schema (matched 0 out of 2)"},
		{"no selection", `{"rulePriority":1,"action":{"type":"expire"}}`, `object has missing required properties (["selection"])`},
		{"another case", strings.Replace(rule("1", anyOld, expire), "rulePriority", "RulePriority", 1), `missing required properties (["rulePriority"])`},
		{"a word for a number", rule(`"1"`, anyOld, expire), "instance type (string)"},
		{"no target", rule("1", anyOld, `"type":"transition"`), "match exactly one schema"},
		{"a number", "1", `allowed: ["object"]`},
		{"no rules", "", "1 to 50"},
		{"priority 0", rule("0", anyOld, expire), "minimum: 1"},
		{"a priority twice", rule("1", oldTags+`,"tagPrefixList":["v"]`, expire) + "," + rule("1", anyOld, expire), "rulePriority 1 is given twice"},
		{"any first", rule("1", anyOld, expire) + "," + rule("2", oldTags+`,"tagPrefixList":["v"]`, expire), "Rule for tagStatus=ANY must have the lowest priority per storage class"},
		{"tagged without tags", rule("1", oldTags, expire), "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED."},
		{"tagged with both", rule("1", oldTags+`,"tagPrefixList":["v"],"tagPatternList":["v*"]`, expire), "not both"},
		{"any with tags", rule("1", anyOld+`,"tagPrefixList":["v"]`, expire), "need tagStatus tagged"},
		{"five wildcards", rule("1", oldTags+`,"tagPatternList":["*a*b*c*d*"]`, expire), "4 wildcards"},
		{"no unit", rule("1", strings.Replace(anyOld, `"countUnit":"days",`, "", 1), expire), "match exactly one schema"},
		{"an unknown unit", rule("1", strings.Replace(anyOld, "days", "hours", 1), expire), `("hours")`},
		{"a unit for a count", rule("1", untagged+`,"countUnit":"days"`, expire), "match exactly one schema"},
		{"an unknown count", rule("1", strings.Replace(anyOld, "Pushed", "Made", 1), expire), "match exactly one schema"},
		{"count 0", rule("1", strings.Replace(anyOld, "30", "0", 1), expire), "minimum: 1"},
		{"an unknown status", rule("1", strings.Replace(anyOld, "any", "some", 1), expire), `("some")`},
		{"an unknown action", rule("1", anyOld, `"type":"delete"`), `("delete")`},
		{"expiry by pull", rule("1", strings.Replace(anyOld, "Pushed", "Pulled", 1), expire), "only transition"},
		{"an unknown member", rule("1", anyOld+`,"countUnits":"days"`, expire), `not allowed by the schema: (["countUnits"])`},
	} {
		text := `{"rules":[` + c.rules + `]}` + strings.Repeat(" ", 100)
		_, err := catalog.ParseLifecycle(text)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("a policy with %s: error %v, want %q", c.name, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"":                                "greater than or equal to 100",
		`{"rules":[]}`:                    "greater than or equal to 100",
		strings.Repeat(" ", 100):          "Could not map policyString into LifecyclePolicy.",
		strings.Repeat("1", 100):          `allowed: ["object"]`,
		strings.Repeat(" ", 30720) + "{}": "less than or equal to 30720",
		"{}" + strings.Repeat(" ", 100):   `object has missing required properties (["rules"])`,
		`{"rules":{}}` + strings.Repeat(" ", 100):    `allowed: ["array"]`,
		`{"rules":[]} {}` + strings.Repeat(" ", 100): "Could not map",
	} {
		if _, err := catalog.ParseLifecycle(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseLifecycle(%.20q) = %v, want %q", text, err, want)
		}
	}
}
