package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

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
	Tag       string        // only images whose tags all match this pattern; empty for any
	Protect   string        // keep images with a tag that matches one of these patterns; latest and protect_tags always are
	InUse     string        // keep the images that this file names; empty for none
	JSON      bool
	// Held are the ARNs that the state names. It refuses a region that is not the state's, unless a flag names the region.
	Held func(ctx context.Context, s *session.Session, named bool) ([]string, error)
}

// gcPercent keeps memory low while a hundred thousand images are listed (GOGC; the default is 100).
const gcPercent = 40

// Cleanup deletes the images of the repositories, all of them or those that the filters select, and proves that they
// are gone.
//
// CLEANUP_MODE=true means -yes in the default environment, as it did for the script this replaces. ECR_REGISTRY_ID and
// ECR_REPOSITORY_ARNS, which the destroy provisioner in main.tf sets too, name the only registry and the only repositories
// that may be touched.
func Cleanup(ctx context.Context, flags session.Where, o CleanupOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	inUse, err := ReadInUse(o.InUse)
	if err != nil {
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
	again := o.command(flags)
	o.Yes = o.Yes || session.Local || os.Getenv("CLEANUP_MODE") == "true" && s.Settings.Given == ""
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		if err := s.AWS.Check(ctx, "ecr:cleanup"); err != nil {
			return err
		}
		cleaner, err := NewCleaner(ctx, s, again)
		if err != nil {
			return err
		}
		options, err := permitted(s.AWS.Pinned)
		if err != nil {
			return err
		}
		if options.HeldARNs, err = o.Held(ctx, s, flags.Region != nil); err != nil {
			return err
		}
		options.Filter = o.filter(inUse)
		options.Filter.Protect = append(options.Filter.Protect, s.Settings.ProtectTags...)
		return cleaner.cleanUp(ctx, names, options, o)
	})
}

// check refuses a filter that would select everything: without filters, a cleanup does that.
func (o CleanupOptions) check() error {
	var faults []error
	if o.OlderThan != AnyAge && o.OlderThan <= 0 {
		faults = append(faults, fmt.Errorf("-olderThan is %v, want more than 0, such as 720h for 30 days", o.OlderThan))
	}
	if o.Keep != KeepNone && o.Keep <= 0 {
		faults = append(faults, fmt.Errorf("-keep is %d, want the number of newest tagged images to keep, 1 or more", o.Keep))
	}
	if o.Tag != "" && o.Untagged {
		faults = append(faults, errors.New("-untagged and -tag exclude each other: no image meets both"))
	}
	for _, pattern := range append(o.protected(), o.Tag) {
		if _, err := path.Match(pattern, ""); err != nil {
			faults = append(faults, fmt.Errorf("%q is no pattern of tags, want one such as v*", pattern))
		}
	}
	if (o.Protect != "" || o.InUse != "") && o.filter(nil).All() {
		faults = append(faults, errors.New("-protect and -inUse want a filter: -untagged, -olderThan, -keep or -tag"))
	}
	return hint.Add(session.Mistake(errors.Join(faults...)), "see what a filter takes with -dryRun; without a filter every image is deleted")
}

func (o CleanupOptions) protected() []string {
	return append(strings.FieldsFunc(o.Protect, func(r rune) bool { return r == ',' }), "latest")
}

func (o CleanupOptions) filter(inUse []string) ecr.Filter {
	f := ecr.Filter{Untagged: o.Untagged, Tag: o.Tag, Protect: o.protected(), InUse: inUse}
	if o.OlderThan != AnyAge {
		f.OlderThan = o.OlderThan
	}
	if o.Keep != KeepNone {
		f.Keep = o.Keep
	}
	return f
}

// command is what was typed, for a hint that goes on.
func (o CleanupOptions) command(flags session.Where) string {
	return menu.Typed("ecr:cleanup", slices.Concat(
		given(o.Repo != "", "-repo="+o.Repo), given(o.Untagged, "-untagged"),
		given(o.OlderThan != AnyAge, fmt.Sprintf("-olderThan=%v", o.OlderThan)),
		given(o.Keep != KeepNone, fmt.Sprintf("-keep=%d", o.Keep)),
		given(o.Tag != "", "-tag="+o.Tag), given(o.Protect != "", "-protect="+o.Protect),
		given(o.InUse != "", "-inUse="+o.InUse), flags.Words(), given(o.Yes, "-yes"))...)
}

// cleanUp decides for all repositories, asks about each, and only then deletes in any. If images of one cannot be
// deleted, it goes on with the next.
func (c *Cleaner) cleanUp(ctx context.Context, names []string, options ecr.CleanupOptions, o CleanupOptions) error {
	decisions, err := c.Decide(ctx, names, options)
	if err != nil {
		return err
	}
	c.sayWhere(decisions)
	AnnounceCleanup(c.session.Console, decisions)
	report := newCleanupReport(c.session.AWS.Region, o.DryRun, decisions)
	if o.DryRun {
		c.session.Say("%s would be deleted; nothing was", Images(decisions...))
	} else {
		if err := confirmCleanup(ctx, c.session, decisions, o.Yes); err != nil {
			return err
		}
		err = c.deleteAll(ctx, decisions, report)
	}
	c.session.Project.Summarise(report.summary())
	switch {
	case o.JSON: // also if not everything could be deleted
		err = errors.Join(err, c.session.JSON(report))
	case o.DryRun:
		showDryRun(c.session.Console, decisions)
	}
	return errors.Join(err, c.session.Err())
}

func (c *Cleaner) deleteAll(ctx context.Context, decisions []ecr.Decision, report cleanupReport) error {
	var remain []error
	for i, decision := range decisions {
		if len(decision.Images) == 0 { // nobody was asked
			continue
		}
		done, err := c.Execute(ctx, decision)
		report.Repositories[i].Report = done
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
		question := fmt.Sprintf("Delete %s of %s?", Images(d), d.Repository)
		if d.Filter.All() {
			question = fmt.Sprintf("Delete everything in %s: %s?", d.Repository, Images(d))
		}
		if err := s.Ask(ctx, yes, question, d.Repository); err != nil {
			return err
		}
	}
	return nil
}
