package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"syscall"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
)

// WithSignals runs work that must not be cut off, such as Terraform: an interrupt cancels work's context once, and then
// work is waited for, however long it takes.
//
// Mage would end the process five seconds after Ctrl-C and does not handle SIGTERM at all, and a Terraform that dies
// with its parent leaves the state locked; so both signals are taken over from Mage here (signal.Reset), and so are the
// end of the terminal (SIGHUP) and the death of `go tool` or `mage` itself, whose child this process is. A reader that
// goes away (SIGPIPE, as with `| head`) stops nothing: the work goes on without it. A context that Mage cancels is not
// followed.
func WithSignals(ctx context.Context, c *console.Console, work func(context.Context) error) error {
	return Uninterrupted(ctx, c, true, work)
}

// Uninterrupted does that; watched is whether the death of the parent ends work, too.
func Uninterrupted(ctx context.Context, c *console.Console, watched bool, work func(context.Context) error) error {
	if _, limited := ctx.Deadline(); limited {
		c.Warn("mage -t ends this process when the time is up, whatever is under way: Terraform would leave the state locked")
	}
	signals := make(chan os.Signal, 4)
	mageWaits()
	stopping := stopping()
	signal.Reset(stopping...)
	signal.Notify(signals, stopping...)
	defer signal.Stop(signals)
	mageWaits()
	if ctx.Err() != nil { // an interrupt that Mage had before that: it ends the process in five seconds
		return Interrupted{fmt.Errorf("nothing was begun: %w", ctx.Err())}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	pipes := make(chan os.Signal, 1) // nobody reads it: asking for the signal is what keeps it from ending the process
	signal.Notify(pipes, syscall.SIGPIPE)
	defer signal.Stop(pipes)
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	var orphaned <-chan struct{}
	if watched {
		orphaned = orphan(ctx)
	}
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return Interrupted{err}
			}
			return err
		case <-signals:
			c.Warn("interrupted: waiting for what is under way to end safely, which kill -9 %d would not", os.Getpid())
			cancel()
		case <-orphaned:
			c.Warn("the process that started this one is gone: stopping safely")
			cancel()
			orphaned = nil
		}
	}
}

// mageWaits returns once Mage has asked for SIGINT, and has dealt with one that it got. It asks beside the target, not
// before it: on a busy machine that came after the Reset above, and Mage ended a process whose Terraform was still
// stopping. Nothing tells but what its goroutine does; whatever that is, a second is enough.
func mageWaits() {
	stacks := make([]byte, 1<<20)
	for range 1000 {
		if waiting.Match(stacks[:runtime.Stack(stacks, true)]) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// waiting is the main goroutine, in Mage's select; in a test it is a receive.
var waiting = regexp.MustCompile(`(?m)^goroutine 1 \[(select|chan receive)[,\]]`)

// stopping are the signals that ask for an end. Who started this with nohup wants it to outlive the terminal.
func stopping() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// orphan is closed when the parent process dies: killing `go tool mage` leaves this process running, with no one to
// tell it.
func orphan(ctx context.Context) <-chan struct{} {
	gone := make(chan struct{})
	parent := os.Getppid()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(500 * time.Millisecond):
				if os.Getppid() != parent {
					close(gone)
					return
				}
			}
		}
	}()
	return gone
}
