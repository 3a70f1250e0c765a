// Package podtest is what the tests of both programs need.
package podtest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

// Patience bounds what a test waits for; no test passes by waiting it out.
const Patience = 30 * time.Second

// Clock stands still until a test lets time pass. It is a pod.Clock.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*timer
}

type timer struct {
	clock *Clock
	at    time.Time
	after time.Duration // as it was asked for
	call  func()
}

// NewClock returns a clock that shows 2026-11-23 01:02:03 UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f when a test has let d pass.
func (c *Clock) AfterFunc(d time.Duration, f func()) pod.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{clock: c, at: c.now.Add(d), after: d, call: f}
	c.timers = append(c.timers, t)
	return t
}

func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	before := len(t.clock.timers)
	t.clock.timers = slices.DeleteFunc(t.clock.timers, func(other *timer) bool { return other == t })
	return len(t.clock.timers) < before
}

// Advance lets time pass, and starts what has become due.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.timers = slices.DeleteFunc(c.timers, func(t *timer) bool {
		due := !t.at.After(c.now)
		if due {
			go t.call()
		}
		return due
	})
}

// Await waits until something is to happen after a duration from least to most, and returns that duration.
func (c *Clock) Await(t *testing.T, least, most time.Duration) time.Duration {
	t.Helper()
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for _, after := range c.Pending() {
			if least <= after && after <= most {
				return after
			}
		}
	}
	t.Fatalf("nothing is to happen after %s to %s, only after %s", least, most, c.Pending())
	return 0
}

// Pending is after how long what is still to happen was asked for.
func (c *Clock) Pending() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []time.Duration
	for _, t := range c.timers {
		all = append(all, t.after)
	}
	return all
}

// Eventually waits until a number is what it should be.
func Eventually[N int | int64](t *testing.T, name string, number func() N, good func(N) bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !good(number()); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s stays %d", name, number())
		}
	}
}

// Is is a number that Eventually waits for.
func Is[N int | int64](want N) func(N) bool { return func(got N) bool { return got == want } }

// AtLeast is a number, or more, that Eventually waits for.
func AtLeast[N int | int64](least N) func(N) bool { return func(got N) bool { return got >= least } }
