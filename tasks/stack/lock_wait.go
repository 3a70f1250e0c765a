package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// margin is what a run needs of its credentials after it has waited for another run.
const margin = 2 * time.Minute

// deadline is when the run stops waiting for another run: at the time that was asked for, or before the credentials
// end, where they cannot be renewed.
func (s *Stack) deadline(ctx context.Context, asked time.Time) (time.Time, error) {
	end, ends, err := s.Session.AWS.End(ctx, asked.Add(margin))
	if err != nil || !ends {
		return asked, err
	}
	last := end.Add(-margin)
	s.Warn("the credentials end at %s and cannot be renewed, so this run waits for another one until %s only",
		end.Local().Format(time.TimeOnly), last.Local().Format(time.TimeOnly))
	s.options.LockTimeout = max(time.Until(last), 0).Round(time.Second)
	return last, nil
}

// occupy locks Terraform's data folder for this run, as soon as the process that works in it has ended.
func (s *Stack) occupy(ctx context.Context, deadline time.Time) (release func(), err error) {
	errLate := fmt.Errorf("it took over %s", s.options.LockTimeout)
	ctx, cancel := context.WithDeadlineCause(ctx, deadline, errLate)
	defer cancel()
	tf, err := terraform.New(s.options)
	if err != nil {
		return nil, err
	}
	if release, err = tf.Occupy(ctx); errors.Is(err, errLate) {
		return nil, hint.Add(err,
			"that process works in the same folder: wait for it, then once more: %s; whether it has the state: %s",
			menu.Typed(s.target), menu.Typed("state:lock"))
	}
	if err != nil {
		return nil, err
	}
	s.options.Occupied = true
	return release, nil
}

// waitForLock waits until nobody holds the state's lock, and says who does: Terraform would wait in silence.
func waitForLock(ctx context.Context, s *session.Session, client *s3.Client, deadline time.Time) error {
	for told := ""; ; {
		lock, err := state.Lock(ctx, client, s.Bucket(), s.Settings.Backend.Key)
		if err != nil || lock == nil {
			return ExplainLock(s, err)
		}
		left := time.Until(deadline)
		if left <= 0 {
			return lockHint(fmt.Errorf("the state is %s", lock), lock.ID)
		}
		if told != lock.ID {
			s.Warn("the state is %s; waiting up to %s", lock, left.Round(time.Second))
			told = lock.ID
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the state's lock: %w", context.Cause(ctx))
		case <-time.After(min(left, time.Second)):
		}
	}
}

func lockHint(err error, id string) error {
	return hint.Add(err, "wait for that run (%s shows it); if it is dead: %s", menu.Typed("state:lock"),
		menu.Typed("state:unlock "+id))
}

// ExplainLock adds what to type next to an error of reading the lock. A lock object that Terraform did not write also
// blocks Terraform, and no run will ever remove it.
func ExplainLock(s *session.Session, err error) error {
	if broken, ok := errors.AsType[*state.BrokenLockError](err); ok {
		return hint.Add(err, "see it: %s; if no run is at work: %s", menu.Typed("state:lock"),
			menu.Typed("state:unlock "+broken.Lock.ID))
	}
	return s.AWS.Explain(err)
}
