package terraform

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

func TestInterruptionOn(t *testing.T) {
	for goos, want := range map[string]interruption{
		"linux": always, "darwin": unlessStopping, "freebsd": unlessStopping,
		"windows": never,
	} {
		if got := interruptionOn(goos); got != want {
			t.Errorf("interruptionOn(%q) = %d, want %d", goos, got, want)
		}
	}
}

// interrupted runs an apply and cancels it once terraform works.
func interrupted(t *testing.T, mode string, how interruption) (notes, error) {
	t.Helper()
	t.Parallel()
	out := &watched{}
	tf, notes := fake(t, mode, Options{Stdout: out, Stderr: out})
	tf.signals = how
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		out.waitFor(t, "working")
		cancel()
	}()
	err := tf.Apply(ctx, "plan.tfplan")
	if got := notes.lines("ended"); len(got) != 1 {
		t.Error("terraform was killed before it had stopped")
	}
	return notes, err
}

func TestInterruptIsSentOnceAndWaitedFor(t *testing.T) {
	notes, err := interrupted(t, "slow", always)
	if got := notes.lines("interrupts"); len(got) != 1 {
		t.Errorf("terraform got %d interrupts, want 1", len(got))
	}
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, context.Canceled) {
		t.Fatalf("Apply = %v, want an *Error of exit code 1 that is context.Canceled", err)
	}
	if want := "running terraform apply: interrupted: context canceled"; err.Error() != want {
		t.Errorf("error = %q, want %q", err, want)
	}
}

func TestFinishedDespiteInterruptIsSuccess(t *testing.T) {
	notes, err := interrupted(t, "finishes", always)
	if err != nil {
		t.Errorf("Apply = %v, want nil: terraform exited 0", err)
	}
	if got := notes.lines("interrupts"); len(got) != 1 {
		t.Errorf("terraform got %d interrupts, want 1", len(got))
	}
}

func TestTerminalInterruptIsNotRepeated(t *testing.T) {
	notes, err := interrupted(t, "terminal", unlessStopping)
	if got := notes.lines("interrupts"); len(got) != 0 {
		t.Errorf("terraform got %d more interrupts, want none", len(got))
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Apply = %v, want context.Canceled", err)
	}
}

func TestSignalToUsAloneIsPassedOnElsewhere(t *testing.T) {
	notes, err := interrupted(t, "slow", unlessStopping)
	if got := notes.lines("interrupts"); len(got) != 1 {
		t.Errorf("terraform got %d interrupts, want 1", len(got))
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Apply = %v, want context.Canceled", err)
	}
}

func TestNothingIsSentWhereThereIsNoInterrupt(t *testing.T) {
	notes, err := interrupted(t, "terminal", never)
	if got := notes.lines("interrupts"); len(got) != 0 {
		t.Errorf("terraform got %d interrupts, want none", len(got))
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Apply = %v, want context.Canceled", err)
	}
}

// terraform-exec's error for a cancelled call can have nothing inside, and then its text is a panic.
func TestCancelledErrorsCanBePrinted(t *testing.T) {
	tf, _ := fake(t, "quick", Options{})
	for range 40 {
		ctx, cancel := context.WithCancel(t.Context())
		delay := time.Duration(rand.Int64N(int64(30 * time.Millisecond)))
		time.AfterFunc(delay, cancel)
		if err := tf.Apply(ctx, "plan.tfplan"); err != nil && (!errors.Is(err, context.Canceled) || err.Error() == "") {
			t.Errorf("cancelled after %v: %v, want nil or context.Canceled", delay, err)
		}
		cancel()
	}
}

func TestAlreadyCancelledRunsNothing(t *testing.T) {
	tf, notes := fake(t, "quick", Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tf.Apply(ctx, "plan.tfplan"); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply = %v, want context.Canceled", err)
	}
	if got := notes.lines("args"); got != nil {
		t.Errorf("terraform ran with %q", got)
	}
}
