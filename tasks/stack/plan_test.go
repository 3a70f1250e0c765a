package stack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// A plan holds what the state holds: only its user can read it, and it is gone afterwards.
func TestPlanIsPrivate(t *testing.T) {
	o := newOutset(t)
	t.Setenv("GITHUB_ACTIONS", "")
	t.Setenv("TMPDIR", t.TempDir())
	worked := false
	err := o.begun().stack.withPlan(t.Context(), nil, func([]console.Cell) {},
		func(terraform.Plan, map[string]loss, func() error) error {
			worked = true
			return nil
		})
	if err != nil || !worked {
		t.Errorf("withPlan = %v, and it worked: %v", err, worked)
	}
	if folder := o.read("plan"); !strings.HasPrefix(folder, "drwx------") {
		t.Errorf("the plan's folder is %q, want one for its user alone", folder)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); left != nil {
		t.Errorf("after the plan there are %q", left)
	}
}
