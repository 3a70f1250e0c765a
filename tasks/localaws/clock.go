package localaws

import (
	"sync/atomic"
	"time"
)

// Clock is a clock that tests can move, to be given as [Options].Now: images expire and passwords run out as if the time
// had passed. The zero Clock tells the time; it is for any number of goroutines.
type Clock struct{ ahead atomic.Int64 }

// Now is the time, and what the clock was moved.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }
