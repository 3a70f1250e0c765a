package stack

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
)

// locked runs work while this run holds the state's lock. Terraform would lock its plan and its apply one by one, and
// another run could change the state in between. The lock is released after an interrupt, too.
func (s *Stack) locked(ctx context.Context, work func() error) error {
	err := SeesLock(s.Session)
	if err != nil {
		return err
	}
	if s.lock, err = s.acquire(ctx, time.Now().Add(s.options.LockTimeout)); err != nil {
		return err
	}
	s.options.Locked = true
	if err = s.read(ctx); err == nil {
		err = work()
	}
	return errors.Join(err, s.unlock(context.WithoutCancel(ctx)))
}

// acquire waits until nobody holds the lock, and writes a lock of this run's. An interrupt does not stop the writing:
// S3 could store a lock that this run does not know of.
func (s *Stack) acquire(ctx context.Context, deadline time.Time) (*state.LockInfo, error) {
	bucket, key := s.Session.Bucket(), s.Session.Settings.Backend.Key
	var lock state.LockInfo
	host, _ := os.Hostname() // a container may know neither it nor the user
	lock.Who = cmp.Or(os.Getenv("USER"), os.Getenv("USERNAME"), "unknown") + "@" + host
	lock.ID, lock.Operation, lock.Version = lockID(), menu.Typed(s.target), s.version
	lock.Created, lock.Path = time.Now().UTC(), bucket.Name+"/"+key
	for {
		if err := s.waitForLock(ctx, deadline); err != nil {
			return nil, err
		}
		held, err := state.Acquire(context.WithoutCancel(ctx), s.client, bucket, key, lock.Lock)
		if !errors.Is(err, state.ErrTaken) {
			return held, s.Session.AWS.Explain(err)
		}
		if time.Until(deadline) <= 0 {
			return nil, hint.Add(err, "see who holds the lock: %s", menu.Typed("state:lock"))
		}
		if err := pause(ctx, deadline); err != nil {
			return nil, err
		}
	}
}

// lockID is a random UUID, as Terraform gives its locks.
func lockID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// CheckLock is an error where the lock is no longer this run's: then another run may work on the state. done says what
// this run has done until now.
func (s *Stack) CheckLock(ctx context.Context, done string) error {
	err := state.Holds(ctx, s.client, s.Session.Bucket(), s.Session.Settings.Backend.Key, s.lock)
	if !errors.Is(err, state.ErrLost) {
		return s.Session.AWS.Explain(err)
	}
	s.lock = nil // nothing is left to release
	return hint.Add(fmt.Errorf("%w; %s", err, done), "see who works on the state: %s; then once more: %s",
		menu.Typed("state:lock"), menu.Typed(s.target))
}

func (s *Stack) unlock(ctx context.Context) error {
	if s.lock == nil {
		return nil
	}
	return hint.Add(releaseLock(ctx, s.Session, s.lock.ID), "see who holds the lock: %s; release this run's: %s",
		menu.Typed("state:lock"), menu.Typed("state:unlock", s.lock.ID))
}
