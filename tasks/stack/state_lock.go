package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// lockReport is what state:lock -json prints.
type lockReport struct {
	Locked    bool      `json:"locked"`
	ID        string    `json:"id,omitempty"`
	User      string    `json:"user,omitempty"`
	Host      string    `json:"host,omitempty"`
	Operation string    `json:"operation,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Age       int       `json:"ageSeconds,omitempty"`
	Version   string    `json:"terraformVersion,omitempty"`
	Path      string    `json:"path,omitempty"`
	Text      string    `json:"text,omitempty"` // of a lock that Terraform did not write
}

func newLockReport(lock *state.LockInfo, now time.Time) lockReport {
	if lock == nil {
		return lockReport{}
	}
	r := lockReport{
		Locked: true, ID: lock.ID, Operation: lock.Operation, Created: lock.Created, Version: lock.Version, Path: lock.Path,
		Text: lock.Text,
	}
	r.User, r.Host, _ = strings.Cut(lock.Who, "@")
	if !lock.Created.IsZero() {
		r.Age = max(0, int(now.Sub(lock.Created).Seconds()))
	}
	return r
}

// Lock prints who holds the state's lock, or that nobody does. A lock that Terraform did not write is shown as it is.
func Lock(ctx context.Context, asJSON bool) error {
	s, lock, err := openLock(ctx, "state:lock")
	switch {
	case err != nil:
		return err
	case asJSON:
		return s.JSON(newLockReport(lock, time.Now()))
	case lock == nil:
		s.Answer("not locked")
	default:
		s.Answer("%s", lock.At(time.Now()))
		s.Say("if that run is dead: %s", menu.Typed("state:unlock", lock.ID))
	}
	return s.Err()
}

// Unlock releases the state's lock, after asking. A lock with another id is kept: it belongs to a later run.
func Unlock(ctx context.Context, id string, yes bool) error {
	s, lock, err := openLock(ctx, "state:unlock "+id)
	if err != nil {
		return err
	}
	if lock != nil && lock.ID == id {
		s.Say("the state is %s", lock.At(time.Now()))
		if err := s.Ask(ctx, yes, "Is that run dead? Two runs at once ruin the state.", "unlock"); err != nil {
			return err
		}
	}
	if err := releaseLock(ctx, s, id); err != nil {
		return hint.Add(err, "see who holds it: %s", menu.Typed("state:lock"))
	}
	s.Say("released")
	return nil
}

// SeesLock is an error where Terraform locks the state in DynamoDB too, during a move to use_lockfile: a run of another
// checkout may hold that lock alone, and nothing here reads it.
func SeesLock(s *session.Session) error {
	if s.Settings.Backend.Table == "" {
		return nil
	}
	return hint.Add(errors.New("dynamodb_table of backend.tf: Terraform locks the state in DynamoDB too, and this target "+
		"does not see that lock"), "finish the move to use_lockfile: remove dynamodb_table, in every checkout")
}

func openLock(ctx context.Context, target string) (*session.Session, *state.LockInfo, error) {
	s, err := OpenSession()
	if err == nil {
		err = SeesLock(s)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := s.AWS.Check(ctx, target); err != nil {
		return nil, nil, err
	}
	lock, err := ReadLock(ctx, s)
	return s, lock, err
}

// ReadLock reads the lock, which is nil if there is none.
func ReadLock(ctx context.Context, s *session.Session) (*state.LockInfo, error) {
	client, err := s.S3(ctx)
	if err != nil {
		return nil, err
	}
	lock, err := state.Lock(ctx, client, s.Bucket(), s.Settings.Backend.Key)
	return lock, s.AWS.Explain(err)
}

// ReleaseDeadLock releases a lock in a local AWS that only this process has open: its holder can no longer reach that
// AWS, so the run is dead.
func ReleaseDeadLock(ctx context.Context, s *session.Session) error {
	lock, err := ReadLock(ctx, s)
	if err != nil || lock == nil {
		return err
	}
	if err := releaseLock(ctx, s, lock.ID); err != nil {
		return fmt.Errorf("releasing a dead run's lock: %w", err)
	}
	s.Say("the state was %s; that run is gone with the local AWS it talked to, so the lock is released", lock)
	return nil
}

func releaseLock(ctx context.Context, s *session.Session, id string) error {
	client, err := s.S3(ctx)
	if err != nil {
		return err
	}
	return s.AWS.Explain(state.Release(ctx, client, s.Bucket(), s.Settings.Backend.Key, id))
}
