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
		expire  = `"type":"expire"`
		archive = `"type":"transition","targetStorageClass":"archive"`
		anyOld  = `"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":30`
		oldTags = `"tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":3`
	)
	for _, c := range []struct{ name, rules, want string }{
		{"one rule", rule("1", anyOld, expire), ""},
		{"prefixes", rule("1", oldTags+`,"tagPrefixList":["v"]`, expire), ""},
		{"patterns", rule("1", oldTags+`,"tagPatternList":["v*","*-rc"]`, expire), ""},
		{"archive", rule("1", strings.Replace(anyOld, "Pushed", "Pulled", 1), archive), ""},
		{"archived", rule("1", anyOld, archive) + "," + rule("2", strings.Replace(anyOld, "sinceImagePushed", "sinceImageTransitioned", 1)+`,"storageClass":"archive"`, expire), ""},
		{"no rules", "", "1 to 50"},
		{"priority 0", rule("0", anyOld, expire), "minimum: 1"},
		{"a priority twice", rule("1", oldTags+`,"tagPrefixList":["v"]`, expire) + "," + rule("1", anyOld, expire), "given twice"},
		{"any first", rule("1", anyOld, expire) + "," + rule("2", oldTags+`,"tagPrefixList":["v"]`, expire), "highest rulePriority"},
		{"tagged without tags", rule("1", oldTags, expire), "tagPrefixList"},
		{"tagged with both", rule("1", oldTags+`,"tagPrefixList":["v"],"tagPatternList":["v*"]`, expire), "tagPrefixList"},
		{"any with tags", rule("1", anyOld+`,"tagPrefixList":["v"]`, expire), "need tagStatus tagged"},
		{"five wildcards", rule("1", oldTags+`,"tagPatternList":["*a*b*c*d*"]`, expire), "4 wildcards"},
		{"no unit", rule("1", strings.Replace(anyOld, `"countUnit":"days",`, "", 1), expire), "days"},
		{"count 0", rule("1", strings.Replace(anyOld, "30", "0", 1), expire), "minimum: 1"},
		{"an unknown status", rule("1", strings.Replace(anyOld, "any", "some", 1), expire), `("some")`},
		{"an unknown action", rule("1", anyOld, `"type":"delete"`), `("delete")`},
		{"expiry by pull", rule("1", strings.Replace(anyOld, "Pushed", "Pulled", 1), expire), "only transition"},
		{"an unknown member", rule("1", anyOld+`,"countUnits":"days"`, expire), "countUnits"},
	} {
		text := `{"rules":[` + c.rules + `]}` + strings.Repeat(" ", 100)
		_, err := catalog.ParseLifecycle(text)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("a policy with %s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := catalog.ParseLifecycle(`{"rules":[]}`); err == nil {
		t.Error("a policy of less than 100 characters was taken")
	}
}
