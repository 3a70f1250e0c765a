package registry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

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

// permitted are the registry and the repositories that a cleanup may touch: the environment names them, and locals.tf
// pins an account. A variable that is set and empty allows no repository, because an empty value must not mean "all".
func permitted(pinned string) (ecr.CleanupOptions, error) {
	o := ecr.CleanupOptions{ExpectRegistry: pinned}
	if id := os.Getenv("ECR_REGISTRY_ID"); id != "" {
		if pinned != "" && pinned != id {
			return o, hint.Add(
				fmt.Errorf("ECR_REGISTRY_ID is %q, and locals.tf pins account %q: nothing may be deleted", id, pinned),
				"set account_id in locals.tf to the account of the repositories, or unset ECR_REGISTRY_ID")
		}
		o.ExpectRegistry = id
	}
	if arns, set := os.LookupEnv("ECR_REPOSITORY_ARNS"); set {
		o.ExpectARNs = strings.FieldsFunc(arns, func(r rune) bool { return r == ',' })
		if len(o.ExpectARNs) == 0 {
			return o, hint.Add(errors.New("ECR_REPOSITORY_ARNS names no repository: nothing may be deleted"),
				"unset ECR_REPOSITORY_ARNS")
		}
	}
	return o, nil
}
