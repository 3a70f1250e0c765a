package e2e_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/e2e/terminaltest"
)

// slowDelete makes an emptying take long enough to be interrupted.
const slowDelete = `[{"service": "ecr", "operation": "BatchDeleteImage", "kind": "slow", "delay": "2s"}]`

const (
	asks      = `Type "destroy" to go on:`
	appIsGone = "cfndev-envoy-proxy-poc-app: 1 image deleted; empty, verified"
	lockKey   = stateKey + ".tflock"
	// theirs is the lock of another run, as Terraform writes it.
	theirs = `{"ID":"4711","Operation":"OperationTypeApply","Info":"","Who":"bob@desk","Version":"1.11.4",` +
		`"Created":"2026-11-01T00:00:00Z","Path":"x"}`
)

// TestDestroyLock plays what can happen to the lock of a destroy.
func TestDestroyLock(t *testing.T) {
	takesLong(t)
	t.Parallel()
	faults := filepath.Join(t.TempDir(), "faults.json")
	write(t, faults, slowDelete)
	w := newServedWorld(t, "-faults="+faults)
	w.mage("deploy", "-yes")
	w.mage("push:all", "-platform=linux/amd64")
	before := w.mage("ecr:status", "-json")
	for _, step := range []struct {
		name string
		play func(*testing.T, *world)
	}{
		{"prevent_destroy", refusedDestroy},
		{"interrupted at the question", interruptedQuestion},
		{"the lock replaced while the question waits", replacedLock},
	} {
		t.Run(step.name, func(t *testing.T) {
			step.play(t, w.in(t))
			if after := w.in(t).mage("ecr:status", "-json"); after != before {
				t.Errorf("ecr:status before\n%s\nafter\n%s", before, after)
			}
		})
	}
	t.Run("interrupted in the emptying", func(t *testing.T) { interruptedEmptying(t, w.in(t)) })
	t.Run("the lock replaced in the emptying", func(t *testing.T) { replacedInEmptying(t, w.in(t)) })
	t.Run("a deploy waits for it", func(t *testing.T) { waitingDeploy(t, w.in(t)) })
	t.Run("killed", func(t *testing.T) { killedDestroy(t, w.in(t)) })
	t.Run("nothing to destroy", func(t *testing.T) { destroyNothing(t, w.in(t)) })
}

// in is the same world for a subtest.
func (w *world) in(t *testing.T) *world {
	other := *w
	other.t = t
	return &other
}

func refusedDestroy(t *testing.T, w *world) {
	const file, free = "terraform/04-ecr-repositories/main.tf", "force_delete         = false"
	kept := free + "\n  lifecycle {\n    prevent_destroy = true\n  }\n"
	w.edit(file, free, kept)
	defer w.edit(file, kept, free)
	if said, err := w.try(mage, "destroy", "-yes"); err == nil || !strings.Contains(said, "Instance cannot be destroyed") {
		t.Errorf("destroy: %v, says\n%s", err, said)
	}
	w.check("after a plan that Terraform refuses")
}

func interruptedQuestion(t *testing.T, w *world) {
	p := w.atQuestion()
	if lock := w.object(lockKey); !strings.Contains(string(lock), `"Operation":"mage destroy"`) {
		t.Errorf("while the question waits, the lock is %q", lock)
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.ends(t, false, "nothing was changed")
	w.check("at the question")
}

func replacedLock(t *testing.T, w *world) {
	p := w.atQuestion()
	w.put(lockKey, theirs)
	p.answer(t, "destroy")
	p.ends(t, false, "the state is now locked by bob@desk", "; nothing was deleted", "mage state:lock")
	if lock := w.object(lockKey); string(lock) != theirs {
		t.Errorf("the lock of the other run is now %q", lock)
	}
	w.mage("state:unlock", "4711", "-yes")
}

// waitingDeploy has a deploy in another data folder begin while the question waits.
func waitingDeploy(t *testing.T, w *world) {
	p := w.atQuestion()
	deploy := w.command(mage, "deploy", "-yes", "-lockTimeout=10m")
	deploy.Env = append(deploy.Env, "TF_DATA_DIR="+t.TempDir())
	heard := &listener{waits: "waiting up to", heard: make(chan struct{})}
	deploy.Stderr = heard
	if err := deploy.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- deploy.Wait() }()
	select {
	case <-heard.heard:
	case err := <-over:
		t.Fatalf("the deploy ended with %v:\n%s", err, heard)
	}
	if said, err := w.try(mage, "ecr:status", "-json"); err != nil || strings.Contains(said, `"exists": false`) {
		t.Errorf("while the question waits: %v\n%s", err, said)
	}
	p.answer(t, "destroy")
	p.ends(t, true, "5 destroyed")
	err := <-over
	said := heard.String()
	if err != nil || !strings.Contains(said, "(mage destroy, Terraform ") || !strings.Contains(said, "5 added") {
		t.Errorf("the deploy ended with %v:\n%s", err, said)
	}
}

// emptying runs a destroy, and does something to it when one repository is empty and the other is being emptied.
func (w *world) emptying(do func(*exec.Cmd) error) (said string, err error) {
	w.t.Helper()
	w.mage("push:all", "-platform=linux/amd64")
	cmd := w.command(mage, "destroy", "-yes")
	heard := &listener{waits: appIsGone, heard: make(chan struct{})}
	cmd.Stderr = heard
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	<-heard.heard
	if err := do(cmd); err != nil {
		w.t.Fatal(err)
	}
	err = cmd.Wait()
	return heard.String(), err
}

func interruptedEmptying(t *testing.T, w *world) {
	said, err := w.emptying(func(cmd *exec.Cmd) error { return cmd.Process.Signal(os.Interrupt) })
	if err == nil || !strings.Contains(said, "to go on where it stopped: mage destroy") {
		t.Errorf("destroy ended with %v:\n%s", err, said)
	}
	w.check("in the emptying")
}

func replacedInEmptying(t *testing.T, w *world) {
	said, err := w.emptying(func(*exec.Cmd) error { w.put(lockKey, theirs); return nil })
	if err == nil || !strings.Contains(said, "locked by bob@desk") ||
		!strings.Contains(said, "; the images were deleted, the repositories were not") {
		t.Errorf("destroy ended with %v:\n%s", err, said)
	}
	w.mage("state:unlock", "4711", "-yes")
	if said := w.mage("ecr:status", "-json"); strings.Contains(said, `"exists": false`) {
		t.Errorf("a repository is gone:\n%s", said)
	}
}

// killedDestroy kills a run in its emptying: the lock is left, and the next run names it and how to release it.
func killedDestroy(t *testing.T, w *world) {
	_, _ = w.emptying(func(cmd *exec.Cmd) error { return cmd.Process.Kill() })
	said, err := w.try(mage, "destroy", "-yes", "-lockTimeout=1s")
	_, id, found := strings.Cut(said, "if it is dead: mage state:unlock ")
	if err == nil || !found || !strings.Contains(said, "(mage destroy, Terraform ") {
		t.Fatalf("the next run: %v, says\n%s", err, said)
	}
	w.mage("state:unlock", strings.TrimSpace(id), "-yes")
	w.mage("destroy", "-yes")
	w.check("after a killed destroy")
}

// destroyNothing destroys where the state holds nothing: repositories that it does not know are kept.
func destroyNothing(t *testing.T, w *world) {
	w.create(repositories["app"])
	said, err := w.try(mage, "destroy", "-yes")
	if err != nil || !strings.Contains(said, "Nothing to destroy: the state holds no resource.") ||
		!strings.Contains(said, "not destroyed: "+repositories["app"]+"; to take over: mage deploy") {
		t.Errorf("destroy: %v, says\n%s", err, said)
	}
	if left := w.check("after nothing was destroyed"); len(left) != 1 {
		t.Errorf("there is %v, want the one that the state does not know", left)
	}
}

// asking is a destroy that waits for an answer on a terminal.
type asking struct {
	cmd      *exec.Cmd
	terminal *os.File
	heard    *listener
	over     chan error
}

// atQuestion starts a destroy on a terminal and returns when it asks.
func (w *world) atQuestion() *asking {
	w.t.Helper()
	terminal, side := terminaltest.Open(w.t)
	p := &asking{w.command(mage, "destroy"), terminal, &listener{waits: asks, heard: make(chan struct{})}, make(chan error, 1)}
	p.cmd.Stdin, p.cmd.Stderr = side, side
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	side.Close()
	go func() { _, _ = io.Copy(p.heard, terminal) }()
	go func() { p.over <- p.cmd.Wait() }()
	select {
	case <-p.heard.heard:
	case err := <-p.over:
		w.t.Fatalf("destroy ended with %v:\n%s", err, p.heard)
	}
	return p
}

func (p *asking) answer(t *testing.T, word string) {
	t.Helper()
	if _, err := io.WriteString(p.terminal, word+"\n"); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the end of the run, which has to say some texts.
func (p *asking) ends(t *testing.T, well bool, says ...string) {
	t.Helper()
	err := <-p.over
	if (err == nil) != well {
		t.Errorf("destroy ended with %v", err)
	}
	for _, text := range says {
		if !soonSays(p.heard, text) {
			t.Errorf("destroy says\n%s\nwant %q", p.heard, text)
		}
	}
}

// soonSays is whether a text has come, now or in a moment: the end of a run can be known before its last words.
func soonSays(l *listener, text string) bool {
	return soon(func() error {
		if !strings.Contains(strings.ReplaceAll(l.String(), "\r\n", " "), text) {
			return fmt.Errorf("not yet")
		}
		return nil
	})
}

// put writes an object of the state's bucket.
func (w *world) put(key, text string) {
	w.t.Helper()
	_, err := w.s3.PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: aws.String(stateBucket), Key: &key, Body: strings.NewReader(text),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
