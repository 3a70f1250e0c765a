package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// AnyAge and KeepNone stand for a filter that was not given. They are not 0, because a 0 that was typed is refused.
const (
	AnyAge   time.Duration = math.MinInt64
	KeepNone               = math.MinInt
)

// CleanupOptions are the flags of ecr:cleanup.
type CleanupOptions struct {
	Yes       bool          // delete without asking
	DryRun    bool          // show, delete nothing
	Repo      string        // one repository only; empty for all
	Untagged  bool          // only images without a tag
	OlderThan time.Duration // only images pushed longer ago; or [AnyAge]
	Keep      int           // keep this number of the newest tagged images; or [KeepNone]
}

// gcPercent keeps memory low while a hundred thousand images are listed (GOGC; the default is 100).
const gcPercent = 40

// Cleanup deletes the images of the repositories, all of them or those that the filters select, and proves that they
// are gone.
//
// CLEANUP_MODE=true means -yes, as it did for the script this replaces. ECR_REGISTRY_ID and ECR_REPOSITORY_ARNS, which
// the destroy provisioner in main.tf sets too, name the only registry and the only repositories that may be touched.
func Cleanup(ctx context.Context, flags session.Where, o CleanupOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	names, err := s.RepositoryNames(o.Repo)
	if err != nil {
		return err
	}
	again := menu.Typed(o.command(flags))
	o.Yes = o.Yes || session.Local || os.Getenv("CLEANUP_MODE") == "true"
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		cleaner, err := NewCleaner(ctx, s, again)
		if err != nil {
			return err
		}
		return cleaner.cleanUp(ctx, names, o)
	})
}

// check refuses a filter that would select everything: without filters, a cleanup does that.
func (o CleanupOptions) check() error {
	var faults []error
	if o.OlderThan != AnyAge && o.OlderThan <= 0 {
		faults = append(faults, fmt.Errorf("-olderThan is %v, want more than 0, such as 720h for 30 days", o.OlderThan))
	}
	if o.Keep != KeepNone && o.Keep <= 0 {
		faults = append(faults, fmt.Errorf("-keep is %d, want how many of the newest tagged images stay, 1 at least", o.Keep))
	}
	return hint.Add(errors.Join(faults...), "without a filter, everything goes; nothing was done")
}

func (o CleanupOptions) filter(now time.Time) ecr.Filter {
	f := ecr.Filter{Untagged: o.Untagged}
	if o.OlderThan != AnyAge {
		f.Before = now.Add(-o.OlderThan)
	}
	if o.Keep != KeepNone {
		f.Keep = o.Keep
	}
	return f
}

// command is what was typed, for a hint that goes on.
func (o CleanupOptions) command(flags session.Where) string {
	words := slices.Concat([]string{"ecr:cleanup"},
		given(o.Repo != "", "-repo="+o.Repo), given(o.Untagged, "-untagged"),
		given(o.OlderThan != AnyAge, fmt.Sprintf("-olderThan=%v", o.OlderThan)),
		given(o.Keep != KeepNone, fmt.Sprintf("-keep=%d", o.Keep)),
		flags.Words(), given(o.Yes, "-yes"))
	return strings.Join(words, " ")
}

// cleanUp decides for all repositories, asks about each, and only then deletes in any. If images of one cannot be
// deleted, it goes on with the next.
func (c *Cleaner) cleanUp(ctx context.Context, names []string, o CleanupOptions) error {
	options, err := permitted(c.session.AWS.Pinned)
	if err != nil {
		return err
	}
	options.Filter = o.filter(time.Now())
	decisions, err := c.Decide(ctx, names, options)
	if err != nil {
		return err
	}
	c.sayWhere(decisions)
	AnnounceCleanup(c.session.Console, decisions)
	if o.DryRun {
		showDryRun(c.session.Console, decisions)
		return c.session.Err()
	}
	if err := confirmCleanup(ctx, c.session, decisions, o.Yes); err != nil {
		return err
	}
	var remain []error
	for _, decision := range decisions {
		if len(decision.Images) == 0 { // nobody was asked
			continue
		}
		err := c.Execute(ctx, decision)
		remain = append(remain, err)
		if _, ok := errors.AsType[*ecr.RemainError](err); err != nil && !ok {
			break
		}
	}
	return errors.Join(remain...)
}

// confirmCleanup asks for each repository's name, before anything is deleted in any.
func confirmCleanup(ctx context.Context, s *session.Session, decisions []ecr.Decision, yes bool) error {
	for _, d := range decisions {
		if len(d.Images) == 0 {
			continue
		}
		all := ""
		if d.Filter.All() {
			all = "all "
		}
		question := fmt.Sprintf("Delete %s%s of %s?", all, console.Count(len(d.Images), "image", "images"), d.Repository)
		if err := s.Ask(ctx, yes, question, d.Repository); err != nil {
			return err
		}
	}
	return nil
}
