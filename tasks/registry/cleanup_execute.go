package registry

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/session"
)

// Cleaner deletes images: for ecr:cleanup, for destroy, and for the destroy provisioner in main.tf.
type Cleaner struct {
	session *session.Session
	client  *awsecr.Client
	again   string
}

// patience is how often a call of a cleanup is made before its error ends it: with the pauses, about two minutes.
const patience = 20

// NewCleaner returns a [Cleaner]. again is what to type to go on where it stopped.
//
// The thousand calls of a cleanup meet much throttling. The cleanup itself limits how many run at once. So each call is
// retried sooner than the SDK would, and the calls do not share the SDK's quota of retries, which would end them all as
// soon as many wait at once.
func NewCleaner(ctx context.Context, s *session.Session, again string) (*Cleaner, error) {
	cfg, err := s.AWS.Config(ctx, s.AWS.Region)
	if err != nil {
		return nil, err
	}
	retryer := retry.NewStandard(session.Retries, func(o *retry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter, o.Backoff = patience, ratelimit.None, retry.BackoffDelayerFunc(pause)
	})
	client := awsecr.NewFromConfig(cfg, func(o *awsecr.Options) { o.Retryer = retryer })
	return &Cleaner{session: s, client: client, again: again}, nil
}

// pause is up to 200 ms before the second try, up to twice as long before each further one, and 20 s at most.
func pause(attempt int, _ error) (time.Duration, error) {
	return rand.N(min(100*time.Millisecond<<min(attempt, 10), 20*time.Second)), nil
}

// Decide decides which images of the repositories to delete, and deletes none.
func (c *Cleaner) Decide(ctx context.Context, names []string, o ecr.CleanupOptions) ([]ecr.Decision, error) {
	decisions := make([]ecr.Decision, len(names))
	for i, name := range names {
		var err error
		if decisions[i], err = ecr.Decide(ctx, c.client, name, o); err != nil {
			return nil, c.session.AWS.Explain(err)
		}
	}
	return decisions, nil
}

// Execute deletes the images of a decision and says how many are gone. Its errors end with what to type next.
func (c *Cleaner) Execute(ctx context.Context, d ecr.Decision) (ecr.Report, error) {
	if d.Missing {
		return ecr.Report{}, nil
	}
	s := c.session
	bar := s.Progress(d.Repository)
	report, err := d.Execute(ctx, c.client, func(done, total int) { bar.Count(int64(done), int64(total), "manifests") })
	bar.Done()
	sayIncidents(s.Console, d, report)
	images := console.Count(report.Deleted, "manifest", "manifests")
	if report.Deleted == len(d.Images) {
		images = Images(d)
	}
	switch {
	case err != nil:
		s.Say("%s: %s deleted before it stopped, %d left", d.Repository, images, report.Left)
	case report.Missing:
		s.Say("%s: %s deleted; the repository is gone by now", d.Repository, images)
	case d.Filter.All():
		s.Say("%s: %s deleted; empty, verified", d.Repository, images)
	default:
		s.Say("%s: %s deleted, %s kept; verified", d.Repository, images,
			console.Count(report.Stay, "manifest", "manifests"))
	}
	return report, c.goOn(err)
}

func (c *Cleaner) goOn(err error) error {
	next := "to go on where it stopped: %s"
	explained := c.session.AWS.Explain(err)
	remain, remains := errors.AsType[*ecr.RemainError](err)
	switch {
	case errors.Is(err, context.Canceled):
	case remains && remain.Pushing:
		next = "stop what pushes, then go on: %s"
	case remains:
		next = "see to the reasons that ECR gives, then go on: %s"
	case !errors.Is(err, explained):
		return explained
	}
	return hint.Add(err, next, c.again)
}
