package registry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// CleanupOptions are the flags of ecr:cleanup. A nil one was not given.
type CleanupOptions struct {
	Yes       bool           // delete without asking
	DryRun    bool           // show, delete nothing
	Repo      string         // one repository only; empty for all
	Untagged  bool           // only images without a tag
	OlderThan *time.Duration // only images pushed longer ago
	Keep      *int           // not the newest tagged images, so many
}

// garbage is how much of it may gather, in percent of what is in use, which for a hundred thousand images is much.
const garbage = 40

// Cleanup deletes the images of the repositories, all of them or those that the filters take, and proves that they are
// gone.
//
// CLEANUP_MODE=true means -yes, as it did for the script this replaces. ECR_REGISTRY_ID and ECR_REPOSITORY_ARNS, which
// the destroy provisioner in main.tf sets too, name the only registry and the only repositories that may be touched.
func Cleanup(ctx context.Context, flags session.Where, o CleanupOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	s, names, err := openRepositories(flags, o.Repo)
	if err != nil {
		return err
	}
	again := menu.Typed(o.command(flags))
	o.Yes = o.Yes || session.Local || os.Getenv("CLEANUP_MODE") == "true"
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		return cleanUp(ctx, s, names, o, again)
	})
}

// check refuses a filter that would take everything: that is what no filter is for.
func (o CleanupOptions) check() error {
	var faults []error
	if o.OlderThan != nil && *o.OlderThan <= 0 {
		faults = append(faults, fmt.Errorf("-olderThan is %v, want more than 0, such as 720h for 30 days", *o.OlderThan))
	}
	if o.Keep != nil && *o.Keep <= 0 {
		faults = append(faults,
			fmt.Errorf("-keep is %d, want how many of the newest tagged images stay, 1 at least", *o.Keep))
	}
	return hint.Add(errors.Join(faults...), "without a filter, everything goes; nothing was done")
}

func (o CleanupOptions) filter(now time.Time) ecr.Filter {
	f := ecr.Filter{Untagged: o.Untagged}
	if o.OlderThan != nil {
		f.Before = now.Add(-*o.OlderThan)
	}
	if o.Keep != nil {
		f.Keep = *o.Keep
	}
	return f
}

// command is what was typed, for a hint that goes on.
func (o CleanupOptions) command(flags session.Where) string {
	words := []string{"ecr:cleanup"}
	add := func(given bool, format string, args ...any) {
		if given {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(o.Repo != "", "-repo=%s", o.Repo)
	add(o.Untagged, "-untagged")
	if o.OlderThan != nil {
		add(true, "-olderThan=%v", *o.OlderThan)
	}
	if o.Keep != nil {
		add(true, "-keep=%d", *o.Keep)
	}
	words = append(words, flags.Words()...)
	add(o.Yes, "-yes")
	return strings.Join(words, " ")
}

// cleanup decides for all repositories, asks about each, and only then deletes in any. Images of one that cannot be
// deleted keep nobody from the next.
func cleanUp(ctx context.Context, s *session.Session, names []string, o CleanupOptions, again string) error {
	client, err := PatientECR(ctx, s)
	if err != nil {
		return err
	}
	options := ecr.CleanupOptions{
		Filter: o.filter(time.Now()), ExpectRegistry: s.AWS.Pinned,
	}
	if err := expected(&options); err != nil {
		return err
	}
	decisions, err := DecideAll(ctx, s, client, names, options)
	if err != nil {
		return s.AWS.Explain(err)
	}
	sayWhere(s, client, decisions)
	SayAtStake(s.Console, decisions)
	if o.DryRun {
		showDoomed(s.Console, decisions)
		return s.Err()
	}
	if err := confirmCleanup(ctx, s, decisions, o.Yes); err != nil {
		return err
	}
	var remain []error
	for _, decision := range decisions {
		if len(decision.Images) == 0 { // nobody was asked
			continue
		}
		err := ExecuteCleanup(ctx, s, client, decision, again)
		if _, ok := errors.AsType[*ecr.RemainError](err); err != nil && !ok {
			return errors.Join(append(remain, err)...)
		}
		remain = append(remain, err)
	}
	return errors.Join(remain...)
}

func DecideAll(ctx context.Context, s *session.Session, client *awsecr.Client, names []string,
	o ecr.CleanupOptions) ([]ecr.Decision, error) {
	decisions := make([]ecr.Decision, len(names))
	for i, name := range names {
		var err error
		if decisions[i], err = ecr.Decide(ctx, client, name, o); err != nil {
			return nil, err
		}
	}
	return decisions, nil
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

// expected narrows a cleanup down to the registry and the repositories that the environment names. A variable that is
// set and empty allows no repository: an empty value must not be taken for "all".
func expected(o *ecr.CleanupOptions) error {
	if id := os.Getenv("ECR_REGISTRY_ID"); id != "" {
		if o.ExpectRegistry != "" && o.ExpectRegistry != id {
			return hint.Add(fmt.Errorf("ECR_REGISTRY_ID is %q, and locals.tf pins account %q: nothing may be deleted", id,
				o.ExpectRegistry),
				"set account_id in locals.tf to the account of the repositories, or unset ECR_REGISTRY_ID")
		}
		o.ExpectRegistry = id
	}
	if arns, set := os.LookupEnv("ECR_REPOSITORY_ARNS"); set {
		o.ExpectARNs = strings.FieldsFunc(arns, func(r rune) bool { return r == ',' })
		if len(o.ExpectARNs) == 0 {
			return hint.Add(errors.New("ECR_REPOSITORY_ARNS names no repository: nothing may be deleted"),
				"unset ECR_REPOSITORY_ARNS")
		}
	}
	return nil
}

// patience is how often a call of a cleanup is made before its error ends it: with the pauses, about two minutes.
const patience = 20

// PatientECR is the client for a cleanup, whose thousand calls meet much throttling. How many are under way is the
// cleanup's own care, so each tries again sooner than the SDK's do, and they do not share its quota of retries, which
// would end them all as soon as many wait at once.
func PatientECR(ctx context.Context, s *session.Session) (*awsecr.Client, error) {
	cfg, err := s.AWS.Config(ctx, s.AWS.Region)
	if err != nil {
		return nil, err
	}
	retryer := retry.NewStandard(session.Retries, func(o *retry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter, o.Backoff = patience, ratelimit.None, retry.BackoffDelayerFunc(pause)
	})
	return awsecr.NewFromConfig(cfg, func(o *awsecr.Options) { o.Retryer = retryer }), nil
}

// pause is up to 200 ms before the second try, up to twice as long before each further one, and 20 s at most.
func pause(attempt int, _ error) (time.Duration, error) {
	return rand.N(min(100*time.Millisecond<<min(attempt, 10), 20*time.Second)), nil
}
