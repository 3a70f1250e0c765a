package registry

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

func TestCleanupFlags(t *testing.T) {
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
		"none": {session.Where{}, all, ecr.Filter{}, "mage ecr:cleanup", ""},
		"for a job": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Yes, o.Repo = true, "app" }),
			ecr.Filter{},
			"mage ecr:cleanup -repo=app -yes", "",
		},
		"all filters": {
			session.Where{},
			CleanupOptions{Untagged: true, OlderThan: 720 * time.Hour, Keep: 3},
			ecr.Filter{Untagged: true, OlderThan: 720 * time.Hour, Keep: 3},
			"mage ecr:cleanup -untagged -olderThan=720h0m0s -keep=3", "",
		},
		"elsewhere": {
			session.Where{Region: new("eu-west-1"), Profile: new("")},
			all,
			ecr.Filter{},
			"mage ecr:cleanup -region=eu-west-1 -profile=", "",
		},
		"keep nothing": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Keep = 0 }),
			ecr.Filter{},
			"mage ecr:cleanup -keep=0", "-keep is 0",
		},
		"what is kept": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Tag, o.Protect, o.InUse = "pr-*", "v*,stable,", "in use.txt" }),
			ecr.Filter{Tag: "pr-*", Protect: []string{"v*", "stable"}},
			"mage ecr:cleanup -tag='pr-*' -protect='v*,stable,' -inUse='in use.txt'", "",
		},
		"protected, and no filter": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Protect = "v1" }),
			ecr.Filter{Protect: []string{"v1"}},
			"mage ecr:cleanup -protect=v1", "-protect and -inUse want a filter",
		},
		"in use, and no filter": {
			session.Where{},
			with(func(o *CleanupOptions) { o.InUse = "x" }),
			ecr.Filter{},
			"mage ecr:cleanup -inUse=x", "-protect and -inUse want a filter",
		},
		"tagged and untagged": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Tag, o.Untagged = "x", true }),
			ecr.Filter{Tag: "x", Untagged: true},
			"mage ecr:cleanup -untagged -tag=x", "exclude each other",
		},
		"a malformed pattern": {
			session.Where{},
			with(func(o *CleanupOptions) { o.Untagged, o.Protect = true, "v[" }),
			ecr.Filter{Untagged: true, Protect: []string{"v["}},
			"mage ecr:cleanup -untagged -protect='v['", `"v[" is no pattern of tags`,
		},
		"in future": {
			session.Where{},
			with(func(o *CleanupOptions) { o.OlderThan = -time.Hour }),
			ecr.Filter{OlderThan: -time.Hour},
			"mage ecr:cleanup -olderThan=-1h0m0s", "-olderThan is -1h0m0s",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.filter.Protect = append(test.filter.Protect, "latest")
			if got := test.options.filter(nil); !reflect.DeepEqual(got, test.filter) {
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
