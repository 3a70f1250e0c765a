package e2e_test

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is the part of a file in .github/workflows that the tests read.
type workflow struct {
	On          any
	Env         map[string]string
	Permissions map[string]string
	Jobs        map[string]workflowJob
}

// events are what starts the workflow: one word, a list, or the keys of a map.
func (w workflow) events() (events []string) {
	switch on := w.On.(type) {
	case string:
		return []string{on}
	case []any:
		for _, event := range on {
			events = append(events, fmt.Sprint(event))
		}
	case map[string]any:
		return slices.Sorted(maps.Keys(on))
	}
	return events
}

type workflowJob struct {
	If          string
	Uses        string
	Secrets     any
	Env         map[string]string
	Permissions map[string]string
	Timeout     int `yaml:"timeout-minutes"`
	Concurrency struct {
		Group  string
		Cancel bool `yaml:"cancel-in-progress"`
	}
	Steps []workflowStep
}

// credentials is the role in AWS that a job takes, "" for none.
func (j workflowJob) credentials() string {
	for _, step := range j.Steps {
		if step.Uses == "./.github/actions/aws" {
			return step.With["role"]
		}
	}
	return ""
}

type workflowStep struct {
	Name, ID, If, Uses, Run string
	Env, With               map[string]string
}

// title is the name of a step in messages.
func (s workflowStep) title() string {
	for _, name := range []string{s.Name, s.ID, s.Uses} {
		if name != "" {
			return name
		}
	}
	return s.Run
}

// compositeAction is an action of this repository.
type compositeAction struct {
	Inputs map[string]struct{ Required bool }
	Runs   struct{ Steps []workflowStep }
}

func readYAML(t *testing.T, into any, path ...string) {
	t.Helper()
	file := filepath.Join(append([]string{root, ".github"}, path...)...)
	if err := yaml.Unmarshal([]byte(read(t, file)), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func readWorkflow(t *testing.T, name string) workflow {
	t.Helper()
	var w workflow
	readYAML(t, &w, "workflows", name)
	return w
}

// names are the values that an expression may use: "vars.AWS_REGION", "steps.drift.outputs.changes". A step that did
// not run has the value "".
type names map[string]string

var (
	contextName = regexp.MustCompile(`\b[a-z]+(?:\.[A-Za-z_][\w-]*)+`)
	insertion   = regexp.MustCompile(`\$\{\{ *(.+?) *\}\}`)
)

func (n names) look(name string) (string, error) {
	value, known := n[name]
	if !known && !strings.HasPrefix(name, "steps.") {
		return "", fmt.Errorf("the test knows no %s", name)
	}
	return value, nil
}

// insert fills in the ${{ }} of a text.
func (n names) insert(text string) (string, error) {
	var failed error
	filled := insertion.ReplaceAllStringFunc(text, func(found string) string {
		inner := insertion.FindStringSubmatch(found)[1]
		value, err := n.look(inner)
		if err != nil {
			failed = err
		}
		return value
	})
	return filled, failed
}

// holds evaluates a condition as GitHub does: a step without failure() or success() in its condition runs only while
// nothing has failed. With values in the place of names, and Go's quotes, the condition is a constant expression of Go.
func (n names) holds(condition string, failed bool) (bool, error) {
	if condition == "" {
		return !failed, nil
	}
	var unknown error
	expression := contextName.ReplaceAllStringFunc(condition, func(name string) string {
		value, err := n.look(name)
		if err != nil {
			unknown = err
		}
		return strconv.Quote(value)
	})
	if unknown != nil {
		return false, fmt.Errorf("evaluating %q: %w", condition, unknown)
	}
	asked := strings.Contains(expression, "failure()") || strings.Contains(expression, "success()")
	expression = strings.NewReplacer("'", `"`, "failure()", strconv.FormatBool(failed),
		"success()", strconv.FormatBool(!failed)).Replace(expression)
	value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, expression)
	if err != nil || value.Value == nil || value.Value.Kind() != constant.Bool {
		return false, fmt.Errorf("evaluating %q as %q: %w", condition, expression, err)
	}
	return constant.BoolVal(value.Value) && (asked || !failed), nil
}

func TestConditions(t *testing.T) {
	known := names{
		"github.event_name": "push", "github.ref": "refs/heads/main", "steps.drift.outputs.changes": "true",
		"steps.a-b.outcome": "failure",
	}
	for _, test := range []struct {
		condition string
		failed    bool
		want      bool
	}{
		{"", false, true},
		{"", true, false},
		{"github.event_name == 'push'", false, true},
		{"github.event_name == 'push'", true, false},
		{"github.event_name != 'push' || github.ref == 'refs/heads/main'", false, true},
		{"github.event_name == 'schedule' && (github.ref == 'refs/heads/main')", false, false},
		{"failure() && steps.drift.outputs.changes == 'true'", true, true},
		{"failure() && steps.drift.outputs.changes == 'true'", false, false},
		{"(success() || failure()) && steps.drift.outputs.changes != ''", true, true},
		{"(success() || failure()) && steps.drift.outputs.changes != ''", false, true},
		{"(success() || failure()) && steps.never.outputs.changes != ''", true, false},
		{"success()", true, false},
		{"failure() && steps.never.outcome == 'failure'", true, false},
		{"failure() && steps.a-b.outcome == 'failure'", true, true},
	} {
		got, err := known.holds(test.condition, test.failed)
		if err != nil || got != test.want {
			t.Errorf("%q after a failure: %t = %t, %v, want %t", test.condition, test.failed, got, err, test.want)
		}
	}
	if _, err := known.holds("github.actor == 'x'", false); err == nil {
		t.Error("a name that the test does not know is no error")
	}
}
