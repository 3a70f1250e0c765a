package statelock

import (
	"strings"
	"testing"
	"time"
)

func TestLockAge(t *testing.T) {
	lock := Lock{Who: "ada@laptop", Created: time.Date(2026, 11, 23, 0, 31, 5, 0, time.UTC)}
	for after, want := range map[time.Duration]string{
		-time.Hour: "just now", 40 * time.Second: "40 s ago", 3*time.Minute +
			time.Second: "3 min ago", 5 * time.Hour: "5 h ago", 72 * time.Hour: "3 days ago",
	} {
		if got := lock.At(lock.Created.Add(after)); !strings.HasPrefix(got,
			"locked by ada@laptop since 2026-11-23T00:31:05Z, "+want+" (") {
			t.Errorf("after %v: %s, want %s", after, got, want)
		}
	}
}
