package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/state"
)

// held is what `state:lock -json` prints.
type held struct {
	Locked     bool       `json:"locked"`
	ID         string     `json:"id,omitempty"`
	User       string     `json:"user,omitempty"`
	Host       string     `json:"host,omitempty"`
	Operation  string     `json:"operation,omitempty"`
	Terraform  string     `json:"terraformVersion,omitempty"`
	CreatedAt  *time.Time `json:"createdAt,omitempty"`
	AgeSeconds int        `json:"ageSeconds,omitempty"`
	Unreadable string     `json:"unreadable,omitempty"` // what lies there, if it is not Terraform's
}

// Lock prints who holds the state's lock and for how long, or that nobody does.
func Lock(ctx context.Context, asJSON bool) error {
	s, lock, err := readLock(ctx)
	switch {
	case err != nil:
		return err
	case asJSON:
		return s.JSON(describe(lock, time.Now()))
	case lock == nil:
		s.Answer("not locked")
		return s.Err()
	case lock.Created.IsZero():
		s.Answer("%s", lock)
	default:
		s.Answer("%s", lock.Aged(age(time.Since(lock.Created))))
	}
	s.Say("if that run is dead: %s", typed("state:unlock "+lock.ID))
	return s.Err()
}

func describe(lock *state.LockInfo, now time.Time) held {
	if lock == nil {
		return held{}
	}
	user, host := lock.Holder()
	h := held{Locked: true, ID: lock.ID, User: user, Host: host, Operation: lock.Operation, Terraform: lock.Version, Unreadable: lock.Unreadable}
	if !lock.Created.IsZero() {
		h.CreatedAt, h.AgeSeconds = &lock.Created, int(max(0, now.Sub(lock.Created)).Seconds())
	}
	return h
}

// age is a span of time in its largest unit. The holder's clock may be ahead of ours.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(max(0, d).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// Unlock releases the state's lock, after asking. A lock with another id stays: it is somebody's who came later. So does one that
// changed while the question stood.
func Unlock(ctx context.Context, id string, yes bool) error {
	s, lock, err := readLock(ctx)
	switch {
	case err != nil:
		return err
	case lock == nil:
		return fmt.Errorf("releasing lock %q: the state is not locked", id)
	case lock.ID != id:
		return fmt.Errorf("releasing lock %q: the state is %s", id, lock)
	}
	s.Say("the state is %s", lock)
	if err := s.confirm(ctx, yes, "Is that run dead? Two runs at once ruin the state.", "unlock"); err != nil {
		return err
	}
	client, err := s.s3(ctx)
	if err != nil {
		return err
	}
	err = state.Release(ctx, client, s.bucket(), s.Backend.Key, lock)
	if errors.Is(err, state.ErrLockChanged) {
		return console.Hint(err, "see who has it now: %s", typed("state:lock"))
	}
	if err != nil {
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
	if err := state.Release(ctx, client, s.bucket(), s.Backend.Key, lock); err != nil {
		return fmt.Errorf("releasing a dead run's lock: %w", err)
	}
	s.Say("the state was %s; that run is gone with the local AWS it talked to, so the lock is released", lock)
	return nil
}
