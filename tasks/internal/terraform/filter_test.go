package terraform

import (
	"strings"
	"testing"
)

func TestApplyKeepsItsOutputsForWhoAsks(t *testing.T) {
	const said = "Creating...\n\nApply complete! Resources: 1 added\n\n"
	for _, size := range []int{1, 7, 1000} {
		var got strings.Builder
		w := withoutOutputs(&got)
		for text := said + "Outputs:\n\na = \"b\"\n"; text != ""; text = text[min(size, len(text)):] {
			if n, err := w.Write([]byte(text[:min(size, len(text))])); err != nil || n == 0 {
				t.Fatal(n, err)
			}
		}
		if got.String() != said {
			t.Errorf("in pieces of %d: %q, want %q", size, got.String(), said)
		}
	}
}

func TestDestroyKeepsItsPlanToItself(t *testing.T) {
	const before, after = "a.b: Refreshing state... [id=1]\n\n", "a.b[\"x\"]: Destroying... [id=1]\na.b[\"x\"]: " +
		"Destruction complete after 0s\n\nDestroy complete! Resources: 1 destroyed.\n"
	const plan = "Terraform used the selected providers to generate the following execution\nplan.\n\n  # a.b will " +
		"be destroyed\n" +
		"  - resource {\n      - x = \"a: Destroying...\" -> null\n    }\n\nPlan: 0 to add, 0 to change, 1 to destroy.\n" +
		"\nChanges to Outputs:\n  - o = 1 -> null\n\n"
	for name, test := range map[string]struct{ says, want string }{
		"all of it": {before + plan + after, before + after},
		"a drift": {
			before + "Note: Objects have changed outside of Terraform\n\n  # a.b has changed\n\n" + plan + after,
			before + after,
		},
		"a warning": {
			before + plan + "Warning: old\n\nuse another\n\n" + after,
			before + "Warning: old\n\nuse another\n\n" + after,
		},
		"an interrupt": {before + plan + "Interrupt received.\n", before + "Interrupt received.\n"},
		"nothing": {
			before + "No changes. No objects need to be destroyed.\n",
			before + "No changes. No objects need to be destroyed.\n",
		},
	} {
		var got strings.Builder
		w := withoutPlan(&got)
		for text := test.says; text != ""; text = text[min(7, len(text)):] {
			_, _ = w.Write([]byte(text[:min(7, len(text))]))
		}
		if got.String() != test.want {
			t.Errorf("%s: %q, want %q", name, got.String(), test.want)
		}
	}
	if withoutPlan(nil) != nil || withoutOutputs(nil) != nil {
		t.Error("nobody listens, and yet there is a writer")
	}
}
