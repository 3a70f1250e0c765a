package main

import (
	"testing"
	"time"
)

func TestPause(t *testing.T) {
	b := backoff{first: time.Second, last: time.Minute}
	for _, test := range []struct {
		name   string
		inVain int
		random float64
		want   time.Duration
	}{
		{"after a connection that worked", 0, 0, time.Second},
		{"after one failure", 1, 0, time.Second},
		{"doubles", 2, 0, 2 * time.Second},
		{"and again", 5, 0, 16 * time.Second},
		{"up to the last", 7, 0, time.Minute},
		{"and no further", 1 << 40, 0, time.Minute},
		{"jitter takes off up to half", 1, 0.5, 750 * time.Millisecond},
		{"and never more", 1, 1, 500 * time.Millisecond},
	} {
		if got := b.pause(test.inVain, test.random); got != test.want {
			t.Errorf("%s: pause(%d, %v) = %s, want %s", test.name, test.inVain, test.random, got, test.want)
		}
	}
}
