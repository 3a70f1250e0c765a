package stack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// A summary that cannot be written stops nothing; an output that cannot, does.
func TestReportPlan(t *testing.T) {
	talk := console.New(os.Stdin, os.Stdout, os.Stderr, true)
	s := &session.Session{Console: talk, Project: &session.Project{Console: talk}}
	outputs := filepath.Join(t.TempDir(), "outputs")
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_OUTPUT", outputs)
	nowhere := filepath.Join(t.TempDir(), "none", "file")
	t.Setenv("GITHUB_STEP_SUMMARY", nowhere)
	if err := reportPlan(s, "deploy", terraform.Plan{Changes: true}, nil); err != nil {
		t.Errorf("no summary: %v", err)
	}
	if text, err := os.ReadFile(outputs); err != nil || !strings.Contains(string(text), "\ntrue\n") {
		t.Errorf("the outputs are %q, %v", text, err)
	}
	t.Setenv("GITHUB_OUTPUT", nowhere)
	if reportPlan(s, "deploy", terraform.Plan{}, nil) == nil {
		t.Error("an output that cannot be written is no error")
	}
}

func TestMarkdown(t *testing.T) {
	want := "### mage drift\n\nNo changes. AWS is as the code says.\n\n"
	if got := markdown("drift", terraform.Plan{}, nil); got != want {
		t.Errorf("markdown = %q, want %q", got, want)
	}
	plan := everyChange
	plan.Warnings = []string{"old\nuse another"}
	got := markdown("deploy", plan, map[string]loss{"a.gone": {"gone", 3}})
	for _, want := range []string{
		"**Plan: 2 to add, 1 to change, 2 to destroy, 1 to import, 2 to move, 1 to forget.**\n\n" +
			"| | resource | |\n|---|---|---|\n| + create | `a.new` |  |\n",
		"| - delete | `a.gone` | loses 3 images |\n",
		"```text\na.edited\n  tags.x: \"1\" -> \"a|b\"\na.again\n  kms: (none) -> \"k\" (forces the replacement)\n```\n",
		"Changed outside of Terraform since its last apply:",
		"\n> **Warning:** old\n> use another\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("markdown =\n%s\nwant in it\n%s", got, want)
		}
	}
	if escaped := cell("a|b\nc"); escaped != `a\|b c` {
		t.Errorf("cell = %q", escaped)
	}
	if kept := fenced("a```b"); strings.Contains(kept, "```") {
		t.Errorf("fenced = %q", kept)
	}
}
