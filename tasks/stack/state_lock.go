package stack

import (
	"context"
	"errors"
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
	}
	r.User, r.Host, _ = strings.Cut(lock.Who, "@")
	if !lock.Created.IsZero() {
		r.Age = max(0, int(now.Sub(lock.Created).Seconds()))
	}
	return r
}

// Lock prints who holds the state's lock, or that nobody does. A lock that Terraform did not write is shown as it is.
func Lock(ctx context.Context, asJSON bool) error {
	s, lock, broken, err := readLock(ctx, "state:lock")
	if err != nil {
		return err
	}
	if asJSON {
		r := newLockReport(lock, time.Now())
		if broken != nil {
			r.Text = broken.Text
		}
		return s.JSON(r)
	}
	switch {
	case lock == nil:
		s.Answer("not locked")
		return s.Err()
	case broken != nil:
		s.Answer("locked, and the lock is no lock of Terraform's (lock %s): it holds %.200q", lock.ID, broken.Text)
	default:
		s.Answer("%s", lock.At(time.Now()))
	}
	s.Say("if that run is dead: %s", menu.Typed("state:unlock "+lock.ID))
	return s.Err()
}

// readLock reads the lock, which is nil if there is none. broken is set for a lock that no Terraform wrote.
func readLock(ctx context.Context, target string) (s *session.Session, lock *state.LockInfo,
	broken *state.BrokenLockError, err error) {
	if s, err = OpenSession(); err != nil {
		return nil, nil, nil, err
	}
	if err = s.AWS.Check(ctx, target); err != nil {
		return nil, nil, nil, err
	}
	client, err := s.S3(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	lock, err = state.Lock(ctx, client, s.Bucket(), s.Settings.Backend.Key)
	if errors.As(err, &broken) {
		return s, broken.Lock, broken, nil
	}
	return s, lock, nil, s.AWS.Explain(err)
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

func lockHint(err error, id string) error {
	return hint.Add(err, "wait for that run (%s shows it); if it is dead: %s", menu.Typed("state:lock"),
		menu.Typed("state:unlock "+id))
}
