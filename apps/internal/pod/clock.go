package pod

import "time"

// Clock is where the programs take the time from, so that a test can let it pass as it likes.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f on a goroutine of its own when d has passed.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a call that is still to come.
type Timer interface {
	// Stop calls it off, and says whether that was in time.
	Stop() bool
}

// Wall is the clock on the wall.
var Wall Clock = wall{}

type wall struct{}

func (wall) Now() time.Time                            { return time.Now() }
func (wall) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// Alarm returns a channel that is closed when d has passed. What is not waited for to the end should be stopped.
func Alarm(clock Clock, d time.Duration) (rings <-chan struct{}, timer Timer) {
	c := make(chan struct{})
	return c, clock.AfterFunc(d, func() { close(c) })
}
