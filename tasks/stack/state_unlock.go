package stack

import (
	"context"
	"fmt"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// Unlock releases the state's lock, after asking. A lock with another id is kept: it belongs to a later run.
func Unlock(ctx context.Context, id string, yes bool) error {
	s, lock, broken, err := readLock(ctx, "state:unlock "+id)
	if err != nil {
		return err
	}
	if lock != nil && lock.ID == id {
		if broken != nil {
			s.Say("the state is locked, and the lock holds %.200q", broken.Text)
		} else {
			s.Say("the state is %s", lock.At(time.Now()))
		}
		if err := s.Ask(ctx, yes, "Is that run dead? Two runs at once ruin the state.", "unlock"); err != nil {
			return err
		}
	}
	client, err := s.S3(ctx)
	if err != nil {
		return err
	}
	if err := state.Release(ctx, client, s.Bucket(), s.Settings.Backend.Key, id); err != nil {
		return hint.Add(s.AWS.Explain(err), "see who holds it: %s", menu.Typed("state:lock"))
	}
	s.Say("released")
	return nil
}

// ReleaseDeadLock releases a lock in a local AWS that only this process has open: its holder can no longer reach that
// AWS, so the run is dead.
func ReleaseDeadLock(ctx context.Context, s *session.Session) error {
	client, err := s.S3(ctx)
	if err != nil {
		return err
	}
	lock, err := state.Lock(ctx, client, s.Bucket(), s.Settings.Backend.Key)
	if err != nil || lock == nil {
		return ExplainLock(s, err)
	}
	if err := state.Release(ctx, client, s.Bucket(), s.Settings.Backend.Key, lock.ID); err != nil {
		return fmt.Errorf("releasing a dead run's lock: %w", err)
	}
	s.Say("the state was %s; that run is gone with the local AWS it talked to, so the lock is released", lock)
	return nil
}
