package terraform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"envoy-proxy-poc/tasks/internal/files"
)

// holdLock is the other process: it holds a lock until its stdin ends.
func holdLock(path string) {
	release, err := files.Lock(context.Background(), path, nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	release()
	os.Exit(0)
}

// otherProcess holds the lock of a data folder; letGo ends it.
func otherProcess(t *testing.T, path string) (pid int, letGo func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HOLD_LOCK="+path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	letGo = func() { once.Do(func() { _ = stdin.Close(); _ = cmd.Wait() }) }
	t.Cleanup(letGo)
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q (%v)", line, err)
	}
	return cmd.Process.Pid, letGo
}

func TestAnotherProcessIsWaitedForAndNamed(t *testing.T) {
	t.Parallel()
	story := &watched{}
	tf, notes := fake(t, "quick", Options{Stderr: story})
	pid, letGo := otherProcess(t, filepath.Join(tf.options.DataDir, "tasks.lock"))
	done := make(chan error, 1)
	go func() { done <- tf.Apply(t.Context(), "x") }()
	story.waitFor(t, "process "+strconv.Itoa(pid))
	if notes.lines("args") != nil {
		t.Error("terraform ran while another process worked in its data folder")
	}
	letGo()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if notes.lines("args") == nil {
		t.Error("terraform did not run afterwards")
	}
}

func TestWaitingCanBeCancelled(t *testing.T) {
	t.Parallel()
	story := &watched{}
	tf, _ := fake(t, "quick", Options{Stderr: story})
	pid, _ := otherProcess(t, filepath.Join(tf.options.DataDir, "tasks.lock"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		story.waitFor(t, "waiting")
		cancel()
	}()
	err := tf.Apply(ctx, "x")
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), strconv.Itoa(pid)) {
		t.Errorf("Apply = %v, want context.Canceled and process %d", err, pid)
	}
}
