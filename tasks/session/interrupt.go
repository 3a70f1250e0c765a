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

// WithSignals runs work that must not be cut off, such as Terraform: an interrupt cancels the context of work once, and
// then WithSignals waits until work ends, however long it takes.
//
// Mage would end the process five seconds after Ctrl-C, and it does not handle SIGTERM at all. A Terraform that dies
// with its parent leaves the state locked. So this function takes both signals from Mage (signal.Reset), and also ends
// work when the terminal closes (SIGHUP) and when the parent process, `go tool` or `mage`, dies. A reader that goes
// away (SIGPIPE, as with `| head`) stops nothing. The context of Mage is not followed.
func WithSignals(ctx context.Context, c *console.Console, work func(context.Context) error) error {
	return Uninterrupted(ctx, c, true, work)
}

// Uninterrupted is [WithSignals] where watchParent says whether the death of the parent process ends work, too.
func Uninterrupted(ctx context.Context, c *console.Console, watchParent bool, work func(context.Context) error) error {
	if _, limited := ctx.Deadline(); limited {
		c.Warn("mage -t ends this process when the time is up, whatever is under way: Terraform would leave the state locked")
	}
	signals := make(chan os.Signal, 4)
	mageWaits()
	ends := endSignals()
	signal.Reset(ends...)
	signal.Notify(signals, ends...)
	defer signal.Stop(signals)
	mageWaits()
	if ctx.Err() != nil { // Mage had an interrupt before the Reset: it ends the process in five seconds
		return Interrupted(fmt.Errorf("nothing was begun: %w", ctx.Err()))
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	pipes := make(chan os.Signal, 1) // not read: asking for the signal is enough to survive it
	signal.Notify(pipes, syscall.SIGPIPE)
	defer signal.Stop(pipes)
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	var orphaned <-chan struct{}
	if watchParent {
		orphaned = orphan(ctx)
	}
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return Interrupted(err)
			}
			return err
		case <-signals:
			c.Warn("interrupted: stopping safely; kill -9 %d could leave the state locked", os.Getpid())
			cancel()
		case <-orphaned:
			c.Warn("the process that started this one is gone: stopping safely")
			cancel()
			orphaned = nil
		}
	}
}

// mageWaits returns once Mage waits for SIGINT or for the target. Mage registers its own SIGINT handler in parallel
// with the target. If it does so after our signal.Reset, Mage ends this process while Terraform is still stopping. The
// only way to see it is the state of goroutine 1; after one second we go on regardless.
func mageWaits() {
	stacks := make([]byte, 1<<20)
	for range 1000 {
		if waiting.Match(stacks[:runtime.Stack(stacks, true)]) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// waiting matches the main goroutine in a dump of all goroutines: Mage waits in a select, a test in a receive.
var waiting = regexp.MustCompile(`(?m)^goroutine 1 \[(select|chan receive)[,\]]`)

// endSignals are the signals that ask for an end. With nohup, SIGHUP is not among them: the user wants this process to
// outlive the terminal.
func endSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// orphan is closed when the parent process dies: killing `go tool mage` sends no signal to this process.
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
