package tasks

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/ecr"
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

// Cleanup deletes the images of the repositories, all of them or those that the filters take, and proves that they are gone.
//
// CLEANUP_MODE=true means -yes, as it did for the script this replaces. ECR_REGISTRY_ID and ECR_REPOSITORY_ARNS, which
// Terraform's destroy hook sets, name the only registry and the only repositories that may be touched.
func Cleanup(ctx context.Context, flags Account, o CleanupOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	s, err := open(flags)
	if err != nil {
		return err
	}
	names, err := s.repositories(o.Repo)
	if err != nil {
		return err
	}
	again := typed(o.command(flags))
	o.Yes = o.Yes || unattended || os.Getenv("CLEANUP_MODE") == "true"
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		return s.cleanup(ctx, names, o, again)
	})
}

// check refuses a filter that would take everything: that is what no filter is for.
func (o CleanupOptions) check() error {
	var faults []error
	if o.OlderThan != nil && *o.OlderThan <= 0 {
		faults = append(faults, fmt.Errorf("-olderThan is %v, want more than 0, such as 720h for 30 days", *o.OlderThan))
	}
	if o.Keep != nil && *o.Keep <= 0 {
		faults = append(faults, fmt.Errorf("-keep is %d, want how many of the newest tagged images stay, 1 at least", *o.Keep))
	}
	return console.Hint(errors.Join(faults...), "without a filter, everything goes; nothing was done")
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
func (o CleanupOptions) command(flags Account) string {
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
	words = append(words, flags.words()...)
	add(o.Yes, "-yes")
	return strings.Join(words, " ")
}

// cleanup decides for all repositories, asks about each, and only then deletes in any. Images of one that cannot be deleted keep
// nobody from the next.
func (s *session) cleanup(ctx context.Context, names []string, o CleanupOptions, again string) error {
	client, err := s.patientECR(ctx)
	if err != nil {
		return err
	}
	options := ecr.CleanupOptions{
		Filter: o.filter(time.Now()), ExpectRegistry: s.Account,
	}
	if err := expected(&options); err != nil {
		return err
	}
	decisions, err := s.decide(ctx, client, names, options)
	if err != nil {
		return s.explain(err)
	}
	s.sayWhere(client, decisions)
	s.sayAtStake(decisions)
	if o.DryRun {
		s.showDoomed(decisions)
		return s.Err()
	}
	if err := s.confirmCleanup(ctx, decisions, o.Yes); err != nil {
		return err
	}
	var remain []error
	for _, decision := range decisions {
		if len(decision.Images) == 0 { // nobody was asked
			continue
		}
		err := s.empty(ctx, client, decision, again)
		if _, ok := errors.AsType[*ecr.RemainError](err); err != nil && !ok {
			return errors.Join(append(remain, err)...)
		}
		remain = append(remain, err)
	}
	return errors.Join(remain...)
}

func (s *session) decide(ctx context.Context, client *awsecr.Client, names []string, o ecr.CleanupOptions) ([]ecr.Decision, error) {
	decisions := make([]ecr.Decision, len(names))
	for i, name := range names {
		var err error
		if decisions[i], err = ecr.Decide(ctx, client, name, o); err != nil {
			return nil, err
		}
	}
	return decisions, nil
}

// sayWhere shows where the images are. The account is the one that ECR itself names.
func (s *session) sayWhere(client *awsecr.Client, decisions []ecr.Decision) {
	for _, d := range decisions {
		if d.Registry != "" {
			endpoint := aws.ToString(client.Options().BaseEndpoint)
			s.Say("%s", identity{Account: d.Registry, Profile: s.Profile, Region: s.Region, Endpoint: endpoint})
			break
		}
	}
}

// sayAtStake shows how many images go. That all go is clear without a filter; with one, the image that people run may be a surprise.
func (s *session) sayAtStake(decisions []ecr.Decision) {
	for _, d := range decisions {
		switch {
		case d.Missing:
			s.Say("%s: no such repository, nothing to delete", d.Repository)
		case len(d.Images) == 0 && d.Filter.All():
			s.Say("%s: no images; empty, verified", d.Repository)
		case len(d.Images) == 0:
			s.Say("%s: nothing to delete, %d stay", d.Repository, d.Stay)
		default:
			s.Say("%s: %s", d.Repository, stake(d))
			if !d.Filter.All() && takesLatest(d) {
				s.Warn("%s: this takes the image tagged latest", d.Repository)
			}
		}
	}
}

func takesLatest(d ecr.Decision) bool {
	return slices.ContainsFunc(d.Images, func(image ecr.Doomed) bool { return slices.Contains(image.Tags, "latest") })
}

// stake is what a decision would cost.
func stake(d ecr.Decision) string {
	text := fmt.Sprintf("%s to delete, %s", count(len(d.Images), "image", "images"), console.Bytes(d.SizeBytes))
	if d.Archived > 0 {
		text += fmt.Sprintf(", %d archived (AWS bills an archived image for 90 days at least)", d.Archived)
	}
	if !d.Filter.All() {
		text += fmt.Sprintf("; %d stay", d.Stay)
	}
	return text
}

func (s *session) showDoomed(decisions []ecr.Decision) {
	total := 0
	for _, d := range decisions {
		for _, image := range d.Images {
			s.Answer("%s@%s %s", d.Repository, image.Digest, tags(image.Tags))
		}
		total += len(d.Images)
	}
	s.Say("%s would be deleted; nothing was", count(total, "image", "images"))
}

// confirmCleanup asks for each repository's name, before anything is deleted in any.
func (s *session) confirmCleanup(ctx context.Context, decisions []ecr.Decision, yes bool) error {
	for _, d := range decisions {
		if len(d.Images) == 0 {
			continue
		}
		all := ""
		if d.Filter.All() {
			all = "all "
		}
		question := fmt.Sprintf("Delete %s%s of %s?", all, count(len(d.Images), "image", "images"), d.Repository)
		if err := s.confirm(ctx, yes, question, d.Repository); err != nil {
			return err
		}
	}
	return nil
}

// expected narrows a cleanup down to what Terraform's destroy hook names. A hook whose state knows nothing names nothing, and then
// nothing may be touched: it must not be taken for one that allows everything.
func expected(o *ecr.CleanupOptions) error {
	if id := os.Getenv("ECR_REGISTRY_ID"); id != "" {
		if o.ExpectRegistry != "" && o.ExpectRegistry != id {
			return console.Hint(fmt.Errorf("ECR_REGISTRY_ID is %q, and locals.tf pins account %q: nothing may be deleted", id, o.ExpectRegistry),
				"unset it, unless Terraform's destroy hook set it; then see what its state holds: %s", typed("output"))
		}
		o.ExpectRegistry = id
	}
	if arns, set := os.LookupEnv("ECR_REPOSITORY_ARNS"); set {
		o.ExpectARNs = strings.FieldsFunc(arns, func(r rune) bool { return r == ',' })
		if len(o.ExpectARNs) == 0 {
			return console.Hint(errors.New("ECR_REPOSITORY_ARNS names no repository: nothing may be deleted"), "unset it, unless Terraform's destroy hook set it")
		}
	}
	return nil
}

// patience is how often a call of a cleanup is made before its error ends it: with the pauses, about two minutes.
const patience = 20

// patientECR is the client for a cleanup, whose thousand calls meet much throttling. How many are under way is the cleanup's own
// care, so each tries again sooner than the SDK's do, and they do not share its quota of retries, which would end them all as soon
// as many wait at once.
func (s *session) patientECR(ctx context.Context) (*awsecr.Client, error) {
	cfg, err := s.aws(ctx, s.Region)
	if err != nil {
		return nil, err
	}
	retryer := retry.NewStandard(retries, func(o *retry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter, o.Backoff = patience, ratelimit.None, retry.BackoffDelayerFunc(pause)
	})
	return awsecr.NewFromConfig(cfg, func(o *awsecr.Options) { o.Retryer = retryer }), nil
}

// pause is up to 200 ms before the second try, up to twice as long before each further one, and 20 s at most.
func pause(attempt int, _ error) (time.Duration, error) {
	return rand.N(min(100*time.Millisecond<<min(attempt, 10), 20*time.Second)), nil
}
