package registry

import (
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

func TestCleanupFlags(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	month := 720 * time.Hour
	tests := map[string]struct {
		flags   session.Where
		options CleanupOptions
		filter  ecr.Filter
		command string // that goes on
		refuses string
	}{
		"none": {session.Where{}, CleanupOptions{}, ecr.Filter{}, "ecr:cleanup", ""},
		"for a job": {session.Where{}, CleanupOptions{Yes: true, Repo: "app"}, ecr.Filter{}, "ecr:cleanup -repo=app -yes",
			""},
		"all filters": {session.Where{}, CleanupOptions{Untagged: true, OlderThan: &month, Keep: new(3)},
			ecr.Filter{Untagged: true, Before: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
				Keep: 3}, "ecr:cleanup -untagged -olderThan=720h0m0s -keep=3", ""},
		"elsewhere": {session.Where{Region: new("eu-west-1"), Profile: new("")}, CleanupOptions{}, ecr.Filter{},
			"ecr:cleanup -region=eu-west-1 -profile=", ""},
		"keep nothing": {session.Where{}, CleanupOptions{Keep: new(0)}, ecr.Filter{}, "ecr:cleanup -keep=0", "-keep is 0"},
		"in future": {session.Where{}, CleanupOptions{OlderThan: new(-time.Hour)}, ecr.Filter{Before: now.Add(time.Hour)},
			"ecr:cleanup -olderThan=-1h0m0s", "-olderThan is -1h0m0s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.options.filter(now); got != test.filter {
				t.Errorf("the filter is %+v, want %+v", got, test.filter)
			}
			if got := test.options.command(test.flags); got != test.command {
				t.Errorf("it goes on by %q, want %q", got, test.command)
			}
			err := test.options.check()
			if (err != nil) != (test.refuses != "") || err != nil && !strings.Contains(err.Error(), test.refuses) {
				t.Errorf("err = %v, want %q", err, test.refuses)
			}
		})
	}
}

// Pauses begin short, for a thousand calls have many, and have an end however often a call is tried.
func TestPause(t *testing.T) {
	for attempt, most := range map[int]time.Duration{1: 200 * time.Millisecond, 2: 400 * time.Millisecond,
		9: 20 * time.Second, patience: 20 * time.Second} {
		for range 100 {
			if got, err := pause(attempt, nil); err != nil || got < 0 || got >= most {
				t.Fatalf("pause(%d) = %v, %v, want less than %v", attempt, got, err, most)
			}
		}
	}
}
