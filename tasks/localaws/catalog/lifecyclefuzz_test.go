package catalog

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParseLifecycle checks that a policy is refused, or comes out in a form that is accepted as it stands.
func FuzzParseLifecycle(f *testing.F) {
	for _, rules := range []string{
		`{"rulePriority":1,"description":"old","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}`,
		`{"rulePriority":2,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}},` +
			`{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPatternList":["v*","<&>*"],"countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}`,
		`{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["prod"],"countType":"sinceImagePulled","countUnit":"days","countNumber":90},"action":{"type":"transition","targetStorageClass":"archive"}}`,
		`{"rulePriority":1e0,"selection":{"tagStatus":null,"countNumber":1.5}}`,
	} {
		f.Add(`{"rules":[` + rules + `]}`)
		f.Add(` { "rules" : [ ` + rules + ` ] , "more" : 1 }`)
	}
	f.Add(strings.Repeat(`[`, 10_000))
	f.Add(strings.Repeat(` `, 100) + `{"rules":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := ParseLifecycle(text)
		if refused := (*Error)(nil); err != nil && !errors.As(err, &refused) {
			t.Fatalf("ParseLifecycle(%q) fails: %v", text, err)
		}
		if err != nil || len(policy.Text) < 100 { // shorter than may be sent, without the spaces
			return
		}
		again, err := ParseLifecycle(policy.Text)
		if err != nil || again.Text != policy.Text {
			t.Errorf("ParseLifecycle(%q) = %q, which comes out as %q, %v", text, policy.Text, again.Text, err)
		}
		for i, rule := range again.Rules[1:] {
			if rule.Priority <= again.Rules[i].Priority {
				t.Errorf("ParseLifecycle(%q) has the priorities %d, %d in this order", text, again.Rules[i].Priority, rule.Priority)
			}
		}
	})
}
