package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/state"
)

var (
	interrupts = flag.Int("interrupts", 10, "how many runs TestInterrupts interrupts")
	seed       = flag.Uint64("interruptseed", 1, "the seed of the random moments of TestInterrupts")
)

// slowState slows the requests down during which an interrupt could lose a state or leave a lock.
const slowState = `[
  {"service": "s3", "operation": "PutObject", "kind": "slow", "delay": "400ms"},
  {"service": "s3", "operation": "DeleteObject", "kind": "slow", "delay": "400ms"},
  {"service": "ecr", "operation": "CreateRepository", "kind": "slow", "delay": "200ms"},
  {"service": "ecr", "operation": "DeleteRepository", "kind": "slow", "delay": "200ms"}
]`

// moments are the texts that a run prints at its stages. It is interrupted some time after one of them; "" is the
// start.
var moments = map[string][]string{
	"deploy":  {"", "planning", "Plan:", "Creating...", "Creation complete", "Apply complete"},
	"destroy": {"", "account ", "planning", "Plan:", "empty, verified", "Destroying...", "Destruction complete"},
}

// ends are the ways to interrupt a run.
var ends = map[string]func(cmd *exec.Cmd) error{
	"SIGINT":             func(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGINT) },
	"SIGTERM":            func(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGTERM) },
	"SIGINT to a group":  func(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) },
	"SIGTERM to a group": func(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) },
	"a parent's death":   func(cmd *exec.Cmd) error { return cmd.Process.Kill() },
}

// TestInterrupts interrupts deploy and destroy at random moments. Each time the state's lock has to be released, be it
// Terraform's or that of destroy, the state has to be readable and must not name a missing repository, and the next run
// has to continue. -interrupts=50 is for an evening.
func TestInterrupts(t *testing.T) {
	takesLong(t)
	t.Parallel()
	faults := filepath.Join(t.TempDir(), "faults.json")
	write(t, faults, slowState)
	w := newServedWorld(t, "-faults="+faults)
	chance := rand.New(rand.NewPCG(*seed, 0))
	names := slices.Sorted(maps.Keys(ends))
	for i := range *interrupts {
		target := []string{"deploy", "destroy"}[i%2]
		moment := moments[target][chance.IntN(len(moments[target]))]
		delay := time.Duration(chance.Int64N(int64(time.Second)))
		end := names[i%len(names)]
		what := fmt.Sprintf("%d: %s, %v after %q, by %s", i, target, delay.Round(time.Millisecond), moment, end)
		said, finished := w.interrupted(target, moment, delay, end)
		left := w.check(what)
		t.Logf("%s: finished all the same: %v; repositories that the state does not know: %v", what, finished, left)
		if t.Failed() {
			t.Fatal(said)
		}
	}
	w.mage("deploy", "-yes")
	if said := w.mage("plan"); !strings.Contains(said, "No changes.") {
		t.Errorf("plan after the last deploy says\n%s", said)
	}
	if left := w.check("at the end"); left != nil {
		t.Errorf("the state does not know %v", left)
	}
	w.interrupted("destroy", "empty, verified", 0, "SIGTERM")
	w.mage("destroy", "-yes")
	if left := w.check("after the last destroy"); left != nil {
		t.Errorf("a destroy that goes on leaves %v", left)
	}
}

// interrupted runs a target and interrupts it some time after it has printed a text. It waits for the end of the run,
// also when the run lost its parent, and returns what it said and whether it had finished before.
func (w *world) interrupted(target, moment string, delay time.Duration, end string) (said string, finished bool) {
	w.t.Helper()
	cmd := w.command(mage, "-v", target, "-yes") // Terraform's own words tell the moments
	if end == "a parent's death" {
		cmd = w.command("sh", "-c", `"$0" "$@" & wait`, mage, "-v", target, "-yes")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	heard := &listener{waits: moment, heard: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = io.Discard, heard // read to the end, until the last process closes them
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	if moment != "" {
		select {
		case <-heard.heard:
		case err := <-over:
			return heard.String(), err == nil
		}
	}
	select {
	case err := <-over:
		return heard.String(), err == nil
	case <-time.After(delay):
	}
	if err := ends[end](cmd); err != nil && !errors.Is(err, syscall.ESRCH) {
		w.t.Fatal(err)
	}
	select {
	case err := <-over:
		return heard.String(), err == nil
	case <-time.After(3 * time.Minute):
		w.t.Fatalf("%s does not end after %s:\n%s", target, end, heard)
		return "", false
	}
}

// check compares the bucket with the registry, and returns the repositories that exist and that the state does not
// name.
func (w *world) check(what string) (unknown []string) {
	w.t.Helper()
	if lock := w.object(stateKey + ".tflock"); lock != nil {
		w.t.Errorf("%s: the lock is left: %s", what, lock)
	}
	raw := w.object(stateKey)
	if raw != nil && !json.Valid(raw) {
		w.t.Errorf("%s: the state is no JSON: %s", what, raw)
	}
	document, err := state.Parse(raw)
	if err != nil {
		w.t.Errorf("%s: %v", what, err)
	}
	found, err := w.ecr.DescribeRepositories(context.Background(), &awsecr.DescribeRepositoriesInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	known := map[string]bool{}
	for _, repository := range document.Repositories() {
		known[repository.Name] = true
	}
	exists := map[string]bool{}
	for _, repository := range found.Repositories {
		name := aws.ToString(repository.RepositoryName)
		exists[name] = true
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	for _, repository := range document.Repositories() {
		if !exists[repository.Name] {
			w.t.Errorf("%s: the state knows %s, which does not exist", what, repository.Name)
		}
	}
	return unknown
}

// object is the content of a key of the state's bucket; nil is none.
func (w *world) object(key string) []byte {
	w.t.Helper()
	out, err := w.s3.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String(stateBucket), Key: &key})
	if none := (*types.NoSuchKey)(nil); errors.As(err, &none) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// listener keeps what a run says, and closes heard when that contains the awaited text.
type listener struct {
	mu    sync.Mutex
	said  strings.Builder
	waits string
	heard chan struct{}
	told  bool
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said.Write(p)
	if !l.told && strings.Contains(l.said.String(), l.waits) {
		l.told = true
		close(l.heard)
	}
	return len(p), nil
}

func (l *listener) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}
