// Package again tells of calls that are tried again, once that has lasted: a command that waits says what it waits for.
package again

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	first = 3 * time.Second // after the first failure
	next  = time.Minute
)

// Teller says a line. Several goroutines may call it. A nil Teller is silence.
type Teller func(line string)

// Call is one call, with all its tries.
type Call struct {
	mu   sync.Mutex
	say  Teller // nil after the end
	line string
}

// Begin begins a call.
func (t Teller) Begin() *Call { return &Call{say: t} }

// Failed notes why a try failed, such as "ECR is throttling CreateRepository", and which try follows.
func (c *Call) Failed(cause string, following, of int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line == "" {
		time.AfterFunc(first, c.tell)
	}
	c.line = fmt.Sprintf("%s; trying again (%d of %d)", cause, following, of)
}

// End ends a call.
func (c *Call) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.say = nil
}

func (c *Call) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.say != nil {
		c.say(c.line)
		time.AfterFunc(next, c.tell)
	}
}

// Sleep waits, or returns the cause if ctx ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Cause says why a service did not do what a call asks.
func Cause(service, call string, throttled bool, reason string) string {
	if throttled {
		return fmt.Sprintf("%s is throttling %s", service, call)
	}
	return fmt.Sprintf("%s of %s failed: %s", call, service, reason)
}
