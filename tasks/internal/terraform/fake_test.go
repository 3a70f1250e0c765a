package terraform

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test binary stand in for terraform, and for another process of the suite.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("FAKE_TERRAFORM") != "":
		os.Exit(fakeTerraform(os.Getenv("FAKE_TERRAFORM")))
	case os.Getenv("HOLD_LOCK") != "":
		holdLock(os.Getenv("HOLD_LOCK"))
	}
	os.Exit(m.Run())
}

// fakeTerraform notes what happens to it in dir: its arguments, every interrupt, and its orderly end.
func fakeTerraform(dir string) int {
	if os.Args[1] == "version" {
		fmt.Println(`{"terraform_version": "1.11.4", "terraform_outdated": false}`)
		return 0
	}
	interrupts := make(chan os.Signal, 10)
	signal.Notify(interrupts, os.Interrupt)
	note(dir, "args", strings.Join(os.Args[1:], "\n"))
	note(dir, "env", strings.Join(os.Environ(), "\n"))
	switch os.Getenv("FAKE_MODE") {
	case "quick":
		return 0
	case "stderr":
		fmt.Fprint(os.Stderr, os.Getenv("FAKE_STDERR"))
		return 1
	case "is killed", "panics":
		return dieWithChild(dir)
	}
	fmt.Println("working")
	return stopSlowly(dir, interrupts)
}

// dieWithChild leaves a process behind, as terraform leaves its providers.
func dieWithChild(dir string) int {
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		return 1
	}
	note(dir, "child", strconv.Itoa(child.Process.Pid))
	if os.Getenv("FAKE_MODE") == "is killed" {
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Kill() == nil {
			select {}
		}
	}
	return 11
}

// stopSlowly takes longer to stop than a tool that loses its patience would wait.
func stopSlowly(dir string, interrupts <-chan os.Signal) int {
	if os.Getenv("FAKE_MODE") == "terminal" { // the terminal's Ctrl-C has reached it
		fmt.Println("\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.")
	} else {
		<-interrupts
		note(dir, "interrupts", "1")
	}
	end := time.After(2500 * time.Millisecond)
	for {
		select {
		case <-interrupts:
			note(dir, "interrupts", "1")
		case <-end:
			note(dir, "ended", "in order")
			fmt.Println("done")
			if os.Getenv("FAKE_MODE") == "finishes" {
				return 0
			}
			return 1
		}
	}
}

func note(dir, name, text string) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, _ = f.WriteString(text + "\n")
		_ = f.Close()
	}
}

// fake returns a Terraform whose binary is this test binary, and what it notes.
func fake(t *testing.T, mode string, o Options) (*Terraform, notes) {
	t.Helper()
	dir := t.TempDir()
	o.Exec, o.Dir = os.Args[0], t.TempDir()
	if o.Env == nil {
		o.Env = map[string]string{}
	}
	o.Env["FAKE_TERRAFORM"], o.Env["FAKE_MODE"] = dir, mode
	o.Env["GORACE"] = "atexit_sleep_ms=0" // built with -race, it would wait a second before it ends
	tf := New(o)
	return tf, notes(dir)
}

type notes string

func (n notes) lines(name string) []string {
	text, err := os.ReadFile(filepath.Join(string(n), name))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// watched is a buffer that many may write and that says when it holds a text.
type watched struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

func (w *watched) waitFor(t *testing.T, text string) {
	t.Helper()
	for range 1000 {
		if strings.Contains(w.String(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("waiting for %q, have %q", text, w.String())
}
