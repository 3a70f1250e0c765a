package terraform

import (
	"context"
	"time"
)

// interruption is how a cancelled context reaches terraform.
type interruption int

const (
	// always: terraform-exec puts terraform in a process group of its own (Linux), so Ctrl-C reaches only us.
	always interruption = iota
	// unlessStopping: the terminal's Ctrl-C has reached terraform already, a signal to us has not. A second interrupt
	// makes terraform lose state, so only a terraform that does not say, within a moment, that it is stopping gets one.
	unlessStopping
	// never: Windows, where terraform-exec would kill. The console's Ctrl-C reaches terraform directly.
	never
)

const (
	// settle is for a terraform to start before it is interrupted. terraform-exec returns without waiting for the child if
	// its context ends while it starts it, and terraform itself catches signals only later.
	settle = time.Second
	notice = 2 * time.Second // for a terraform that may have been interrupted already to say so
)

func interruptionOn(goos string) interruption {
	switch goos {
	case "linux":
		return always
	case "windows":
		return never
	default:
		return unlessStopping
	}
}

// follow returns a context that ends after ctx, once terraform can take and needs an interrupt.
func (i interruption) follow(ctx context.Context, s *stream) (context.Context, context.CancelFunc) {
	child, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if i == never {
		return child, cancel
	}
	settled := time.After(settle)
	go func() {
		if wait(child, ctx.Done(), nil) && wait(child, s.first, settled) && i.wanted(child, s) {
			cancel()
		}
	}()
	return child, cancel
}

// wait returns false when the command is over, else true when the event has come or is late.
func wait(over context.Context, event <-chan struct{}, late <-chan time.Time) bool {
	select {
	case <-over.Done():
		return false
	case <-event:
	case <-late:
	}
	return true
}

func (i interruption) wanted(over context.Context, s *stream) bool {
	if i == always {
		return true
	}
	select {
	case <-over.Done():
		return false
	case <-s.stopping:
		return false
	case <-time.After(notice):
		return true
	}
}
