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
	all := CleanupOptions{OlderThan: AnyAge, Keep: KeepNone}
	with := func(change func(*CleanupOptions)) CleanupOptions {
		changed := all
		change(&changed)
		return changed
	}
	tests := map[string]struct {
		flags   session.Where
		options CleanupOptions
		filter  ecr.Filter
		command string // that goes on
		refuses string
	}{
		"none": {session.Where{}, all, ecr.Filter{}, "ecr:cleanup", ""},
		"for a job": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Yes, o.Repo = true, "app" }),
			ecr.Filter{},
			"ecr:cleanup -repo=app -yes", "",
		},
		"all filters": {
			session.Where{},
			CleanupOptions{Untagged: true, OlderThan: 720 * time.Hour, Keep: 3},
			ecr.Filter{
				Untagged: true, Before: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
				Keep: 3,
			},
			"ecr:cleanup -untagged -olderThan=720h0m0s -keep=3", "",
		},
		"elsewhere": {
			session.Where{Region: new("eu-west-1"), Profile: new("")},
			all,
			ecr.Filter{},
			"ecr:cleanup -region=eu-west-1 -profile=", "",
		},
		"keep nothing": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Keep = 0 }),
			ecr.Filter{},
			"ecr:cleanup -keep=0", "-keep is 0",
		},
		"in future": {
			session.Where{},
			with(func(o *CleanupOptions) { o.OlderThan = -time.Hour }),
			ecr.Filter{Before: now.Add(time.Hour)},
			"ecr:cleanup -olderThan=-1h0m0s", "-olderThan is -1h0m0s",
		},
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
