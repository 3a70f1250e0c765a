package session

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
)

// Mage's own goroutine is known by what the runtime says of it.
func TestMainGoroutineIsSeenWaiting(t *testing.T) {
	for stack, want := range map[string]bool{
		"goroutine 7 [running]:\nx\n\ngoroutine 1 [select]:\nmain.main.func2(":            true,
		"goroutine 7 [running]:\nx\n\ngoroutine 1 [select, 2 minutes]:\nmain.main.func2(": true,
		"goroutine 7 [running]:\nx\n\ngoroutine 1 [runnable]:\nmain.main.func2(":          false,
		"goroutine 7 [running]:\nx\n\ngoroutine 1 [running]:\nmain.main.func2(":           false,
		"goroutine 11 [select]:\nx\n": false,
		"":                            false,
	} {
		if got := waiting.MatchString(stack); got != want {
			t.Errorf("%q waits: %v, want %v", stack, got, want)
		}
	}
	began := time.Now()
	mageWaits() // the test's main goroutine does
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("the main goroutine was not seen waiting for %v", took)
	}
}

// An interrupt that Mage had already begins nothing: it would be cut off after five seconds.
func TestNothingIsBegunAfterAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := WithSignals(ctx, console.New(os.Stdin, os.Stdout, os.Stderr, true), func(context.Context) error {
		t.Error("begun")
		return nil
	})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "interrupted: nothing was begun") {
		t.Errorf("withSignals = %v", err)
	}
}
