package stack

import (
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
)

var everyChange = terraform.Plan{
	Changes: true,
	Actions: []terraform.Change{
		{Address: "a.new", Action: "create"},
		{
			Address: "a.edited", Action: "update", From: "a.old",
			Attributes: []terraform.Attribute{{Path: "tags.x", Old: `"1"`, New: `"a|b"`}},
		},
		{Address: "a.gone", Action: "delete"},
		{
			Address: "a.again", Action: "replace",
			Attributes: []terraform.Attribute{{Path: "kms", Old: "(none)", New: `"k"`, Replaces: true}},
		},
		{Address: "a.there", Action: "move", From: "a.here"},
		{Address: "a.found", Action: "import", From: "name"},
		{Address: "a.left", Action: "forget"},
	},
	Drift: []terraform.Change{{
		Address: "a.edited", Action: "update",
		Attributes: []terraform.Attribute{{Path: "scan", Old: "true", New: "false"}},
	}},
	Outputs: []terraform.Change{
		{Address: "o1"},
		{Address: "o2"},
		{Address: "o3"},
		{Address: "o4"},
		{Address: "o5"},
		{Address: "o6"},
	},
}

func TestSummary(t *testing.T) {
	tests := []struct {
		name string
		plan terraform.Plan
		lost map[string]loss
		want string
	}{
		{"nothing", terraform.Plan{}, nil, "No changes. AWS is as the code says.\n"},
		{
			"only what the code does not mind",
			terraform.Plan{Drift: everyChange.Drift},
			nil,
			`changed outside of Terraform since its last apply:
  ~ a.edited
      scan: true -> false
No changes. AWS is as the code says.
`,
		},
		{
			"only outputs",
			terraform.Plan{Changes: true, Outputs: []terraform.Change{{Address: "o"}}},
			nil,
			`outputs that change: o
Plan: 0 to add, 0 to change, 0 to destroy.
`,
		},
		{
			"one of each", everyChange,
			map[string]loss{"a.gone": {"gone", 1}, "a.again": {}},
			`changed outside of Terraform since its last apply:
  ~ a.edited
      scan: true -> false
to do:
  + a.new
  ~ a.edited (moved from a.old)
      tags.x: "1" -> "a|b"
  - a.gone: loses 1 image
  ± a.again: loses an unknown number of images
      kms: (none) -> "k" (forces the replacement)
  > a.there (moved from a.here)
  & a.found (imported from "name")
  x a.left (leaves the state, is kept in AWS)
  and 6 outputs
Plan: 2 to add, 1 to change, 2 to destroy, 1 to import, 2 to move, 1 to forget.
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := plainText(summary(test.plan, test.lost)); got != test.want {
				t.Errorf("summary =\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func plainText(lines []console.Cell) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line.Text + "\n")
	}
	return b.String()
}

func TestLongValuesAreShortened(t *testing.T) {
	a := terraform.Attribute{Path: "x", Old: strings.Repeat("ü", 500), New: "1"}
	if got := difference(a); len([]rune(got)) > 140 || !strings.HasSuffix(got, "ü… -> 1") {
		t.Errorf("difference = %q", got)
	}
}
