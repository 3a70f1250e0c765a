package tasks

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"envoy-proxy-poc/tasks/console"
)

// withSignals runs work that must not be cut off, such as Terraform: an interrupt cancels work's context once, and then
// work is waited for, however long it takes.
//
// Mage would end the process five seconds after Ctrl-C and does not handle SIGTERM at all, and a Terraform that dies with its
// parent leaves the state locked; so both signals are taken over from Mage here (signal.Reset), and so are the end of the
// terminal (SIGHUP) and the death of `go tool` or `mage` itself, whose child this process is. A reader that goes away
// (SIGPIPE, as with `| head`) stops nothing: the work goes on without it. A context that Mage cancels is not followed.
func withSignals(ctx context.Context, c *console.Console, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	signals := make(chan os.Signal, 4)
	signal.Reset(stopping...)
	signal.Notify(signals, stopping...)
	defer signal.Stop(signals)
	pipes := make(chan os.Signal, 1) // nobody reads it: asking for the signal is what keeps it from ending the process
	signal.Notify(pipes, syscall.SIGPIPE)
	defer signal.Stop(pipes)
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	orphaned := orphan(ctx)
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return interrupted{err}
			}
			return err
		case <-signals:
			c.Warn("interrupted: waiting for what is under way to end safely; kill -9 %d would not, and can leave the state locked", os.Getpid())
			cancel()
		case <-orphaned:
			c.Warn("the process that started this one is gone: stopping safely")
			cancel()
			orphaned = nil
		}
	}
}

// stopping are the signals that ask for an end.
var stopping = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// interrupted says first what happened, and then where.
type interrupted struct{ err error }

func (e interrupted) Error() string { return "interrupted: " + e.err.Error() }
func (e interrupted) Unwrap() error { return e.err }

// orphan is closed when the parent process dies: killing `go tool mage` leaves this process running, with no one to tell it.
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
