package terraform

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestKilledTerraformLeavesNothing: what terraform has started ends when terraform is killed or panics.
func TestKilledTerraformLeavesNothing(t *testing.T) {
	for _, mode := range []string{"is killed", "panics"} {
		tf, notes := fake(t, mode, Options{Env: map[string]string{"PATH": os.Getenv("PATH")}})
		if err := tf.Apply(t.Context(), "plan.tfplan"); err == nil {
			t.Fatalf("terraform %s: Apply = nil, want an error", mode)
		}
		child := notes.lines("child")[0]
		if !ends(child) {
			t.Errorf("terraform %s, and its child runs on", mode)
		}
	}
}

// ends waits for a process that is no child of this one. A zombie has no command line, and counts as ended.
func ends(pid string) bool {
	for range 100 {
		if line, err := os.ReadFile(filepath.Join("/proc", pid, "cmdline")); err != nil || len(line) == 0 {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}
