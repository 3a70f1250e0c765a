package terraform

import (
	"os"
	"os/exec"
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

// TestKilledRunLeavesNoProvider: a provider that was started beforehand ends when the process of the suite is killed.
func TestKilledRunLeavesNoProvider(t *testing.T) {
	if os.Getenv("RUN_TO_KILL") != "" {
		tf, seen, _ := attaching(t, "waits", fakeProvider)
		note(os.Getenv("RUN_TO_KILL"), "notes", string(seen))
		_ = tf.Apply(t.Context(), "x.tfplan")
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "RUN_TO_KILL="+dir, "TMPDIR="+dir)
	must(t, cmd.Start())
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	var seen notes
	for range 1000 {
		if said := notes(dir).lines("notes"); said != nil {
			seen = notes(said[0])
		}
		if seen != "" && seen.variable("env", "TF_REATTACH_PROVIDERS") != "" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if seen.variable("env", "TF_REATTACH_PROVIDERS") == "" {
		t.Fatal("terraform does not run, or attaches to nothing")
	}
	must(t, cmd.Process.Kill())
	if !ends(seen.lines("pid")[0]) {
		t.Error("the provider outlives a killed run")
	}
}
