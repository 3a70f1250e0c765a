package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
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
	if release, err = terraform.New(s.options).Occupy(ctx); errors.Is(err, errLate) {
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
func (s *Stack) waitForLock(ctx context.Context, deadline time.Time) error {
	for told := ""; ; {
		lock, err := ReadLock(ctx, s.Session)
		if err != nil || lock == nil {
			return err
		}
		left := time.Until(deadline)
		if left <= 0 || lock.Broken { // no run will ever release a broken one
			return lockHint(fmt.Errorf("the state is %s", lock), lock.ID)
		}
		if told != lock.ID {
			s.Warn("the state is %s; waiting up to %s", lock, left.Round(time.Second))
			told = lock.ID
		}
		if err := pause(ctx, deadline); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, deadline time.Time) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for the state's lock: %w", context.Cause(ctx))
	case <-time.After(min(time.Until(deadline), time.Second)):
		return nil
	}
}

// tellLock says who holds the state's lock, where this run may read that, and does not wait.
func (s *Stack) tellLock(ctx context.Context) {
	lock, err := state.Lock(ctx, s.client, s.Session.Bucket(), s.Session.Settings.Backend.Key)
	switch {
	case err != nil:
		s.Warn("this run takes no lock, and cannot tell whether another run holds it: %v", err)
	case lock != nil:
		s.Warn("the state is %s; this run does not wait (-lock=false), so it may see half of that run's changes", lock)
	}
}

func lockHint(err error, id string) error {
	return hint.Add(err, "wait for that run (%s shows it); if it is dead: %s", menu.Typed("state:lock"),
		menu.Typed("state:unlock", id))
}
