package registry

import (
	"testing"
	"time"
)

// Pauses begin short, for a thousand calls have many, and have an end however often a call is tried.
func TestPause(t *testing.T) {
	for attempt, most := range map[int]time.Duration{
		1: 200 * time.Millisecond, 2: 400 * time.Millisecond,
		9: 20 * time.Second, patience: 20 * time.Second,
	} {
		for range 100 {
			if got, err := pause(attempt, nil); err != nil || got < 0 || got >= most {
				t.Fatalf("pause(%d) = %v, %v, want less than %v", attempt, got, err, most)
			}
		}
	}
}
