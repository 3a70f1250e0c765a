package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// runMark is an environment variable that marks the processes of this test run.
const runMark = "TASKS_TEST_RUN"

// providers are the running providers of Terraform that have this variable in their environment. They are found on
// Linux only, by /proc.
func providers(variable string) (pids []int) {
	found, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range found {
		environ, err := os.ReadFile(file) // unreadable for another user's process, empty for one that has ended
		if err != nil || !slices.Contains(strings.Split(string(environ), "\x00"), variable) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		program, _, _ := bytes.Cut(line, []byte{0})
		if !strings.HasPrefix(filepath.Base(string(program)), "terraform-provider-") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// leftProviders are the providers that still run after ten seconds.
func leftProviders(variable string) []int {
	for range 100 {
		if providers(variable) == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return providers(variable)
}

// kill ends processes at once.
func kill(pids []int) {
	for _, pid := range pids {
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill()
		}
	}
}

// endProvidersCmd is `endproviders`: it kills the providers that a story's kill -9 of mage may leave running.
func endProvidersCmd(ts *testscript.TestScript, neg bool, args []string) {
	kill(providers("WORK=" + ts.Getenv("WORK")))
}

func TestLeftProvidersAreFound(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("only Linux tells the environment of a process")
	}
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "terraform-provider-test_v1.0.0_x5")
	if err := os.Symlink(sleep, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "60")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "MARK=" + program}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if got := providers("MARK=" + program); !slices.Equal(got, []int{cmd.Process.Pid}) {
		t.Errorf("providers = %v, want %d", got, cmd.Process.Pid)
	}
	kill([]int{cmd.Process.Pid})
	_ = cmd.Wait()
	if got := leftProviders("MARK=" + program); got != nil {
		t.Errorf("providers after the end = %v, want none", got)
	}
}
