package tasks

import (
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
)

func TestCleanupFlags(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	month := 720 * time.Hour
	tests := map[string]struct {
		flags   Account
		options CleanupOptions
		filter  ecr.Filter
		command string // that goes on
		refuses string
	}{
		"none":         {Account{}, CleanupOptions{}, ecr.Filter{}, "ecr:cleanup", ""},
		"for a job":    {Account{}, CleanupOptions{Yes: true, Repo: "app"}, ecr.Filter{}, "ecr:cleanup -repo=app -yes", ""},
		"all filters":  {Account{}, CleanupOptions{Untagged: true, OlderThan: &month, Keep: new(3)}, ecr.Filter{Untagged: true, Before: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Keep: 3}, "ecr:cleanup -untagged -olderThan=720h0m0s -keep=3", ""},
		"elsewhere":    {Account{Region: new("eu-west-1"), Profile: new("")}, CleanupOptions{}, ecr.Filter{}, "ecr:cleanup -region=eu-west-1 -profile=", ""},
		"keep nothing": {Account{}, CleanupOptions{Keep: new(0)}, ecr.Filter{}, "ecr:cleanup -keep=0", "-keep is 0"},
		"in future":    {Account{}, CleanupOptions{OlderThan: new(-time.Hour)}, ecr.Filter{Before: now.Add(time.Hour)}, "ecr:cleanup -olderThan=-1h0m0s", "-olderThan is -1h0m0s"},
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

// What a decision would cost is said with all that makes it worse.
func TestStake(t *testing.T) {
	for want, decision := range map[string]ecr.Decision{
		"1 image to delete, 5 B": {Images: make([]ecr.Doomed, 1), SizeBytes: 5},
		"2 images to delete, 5.0 kB, 1 archived (AWS bills an archived image for 90 days at least); 7 stay": {
			Images: make([]ecr.Doomed, 2), SizeBytes: 5000, Archived: 1, Stay: 7, Filter: ecr.Filter{Untagged: true},
		},
	} {
		if got := stake(decision); got != want {
			t.Errorf("stake = %q, want %q", got, want)
		}
	}
}

// Pauses begin short, for a thousand calls have many, and have an end however often a call is tried.
func TestPause(t *testing.T) {
	for attempt, most := range map[int]time.Duration{1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 9: 20 * time.Second, patience: 20 * time.Second} {
		for range 100 {
			if got, err := pause(attempt, nil); err != nil || got < 0 || got >= most {
				t.Fatalf("pause(%d) = %v, %v, want less than %v", attempt, got, err, most)
			}
		}
	}
}

func TestCleanupTakesLatest(t *testing.T) {
	for want, images := range map[bool][]ecr.Doomed{
		true:  {{Tags: []string{"v1"}}, {Tags: []string{"20260201-120000", "latest"}}},
		false: {{Tags: []string{"latest-1"}}, {}},
	} {
		if got := takesLatest(ecr.Decision{Images: images}); got != want {
			t.Errorf("takesLatest(%+v) = %t, want %t", images, got, want)
		}
	}
}
