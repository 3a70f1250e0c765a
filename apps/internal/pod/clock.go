package pod

import "time"

// Clock is where the programs take the time from, so that a test can let it pass as it likes.
type Clock interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) Timer // calls f on a goroutine of its own
}

// Timer is a call that is still to come.
type Timer interface {
	Stop() bool // whether it was in time
}

// Wall is the clock on the wall.
var Wall Clock = wall{}

type wall struct{}

func (wall) Now() time.Time                            { return time.Now() }
func (wall) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// Alarm returns a channel that is closed when d has passed.
func Alarm(clock Clock, d time.Duration) (rings <-chan struct{}, timer Timer) {
	c := make(chan struct{})
	return c, clock.AfterFunc(d, func() { close(c) })
}
