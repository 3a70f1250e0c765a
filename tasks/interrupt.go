package tasks

import (
	"context"
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
// parent leaves the state locked; so both signals are taken over from Mage here (signal.Reset), and so is the death of
// `go tool` or `mage` itself, whose child this process is. A context that Mage cancels is not followed for the same reason.
func withSignals(ctx context.Context, c *console.Console, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	signals := make(chan os.Signal, 4)
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	orphaned := orphan(ctx)
	for {
		select {
		case err := <-done:
			return err
		case <-signals:
			c.Warn("interrupted: waiting for what is under way to end safely; it is not killed")
			cancel()
		case <-orphaned:
			c.Warn("the process that started this one is gone: stopping safely")
			cancel()
			orphaned = nil
		}
	}
}

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
