package tasks

import (
	"context"
	"fmt"

	"envoy-proxy-poc/tasks/state"
)

// Lock prints who holds the state's lock, or that nobody does.
func Lock(ctx context.Context) error {
	s, lock, err := readLock(ctx)
	switch {
	case err != nil:
		return err
	case lock == nil:
		s.Answer("not locked")
	default:
		s.Answer("%s", lock)
		s.Say("if that run is dead: %s", typed("state:unlock "+lock.ID))
	}
	return nil
}

// Unlock releases the state's lock, after asking. A lock with another id stays: it is somebody's who came later.
func Unlock(ctx context.Context, id string, yes bool) error {
	s, lock, err := readLock(ctx)
	if err != nil {
		return err
	}
	if lock != nil && lock.ID == id {
		s.Say("the state is %s", lock)
		if err := s.confirm(ctx, yes, "Is that run dead? Two runs at once ruin the state.", "unlock"); err != nil {
			return err
		}
	}
	client, err := s.s3(ctx)
	if err != nil {
		return err
	}
	if err := state.Release(ctx, client, s.bucket(), s.Backend.Key, id); err != nil {
		return s.explain(err)
	}
	s.Say("released")
	return nil
}

func readLock(ctx context.Context) (*session, *state.LockInfo, error) {
	s, err := open(Account{})
	if err != nil {
		return nil, nil, err
	}
	client, err := s.s3(ctx)
	if err != nil {
		return nil, nil, err
	}
	lock, err := state.Lock(ctx, client, s.bucket(), s.Backend.Key)
	return s, lock, s.explain(err)
}

// releaseDead takes away a lock in the local AWS that this process alone has open: whoever held it could reach it no more, so
// that run is dead.
func (s *session) releaseDead(ctx context.Context) error {
	client, err := s.s3(ctx)
	if err != nil {
		return err
	}
	lock, err := state.Lock(ctx, client, s.bucket(), s.Backend.Key)
	if err != nil || lock == nil {
		return err
	}
	if err := state.Release(ctx, client, s.bucket(), s.Backend.Key, lock.ID); err != nil {
		return fmt.Errorf("releasing a dead run's lock: %w", err)
	}
	s.Say("the state was %s; that run is gone with the local AWS it talked to, so the lock is released", lock)
	return nil
}
