package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"envoy-proxy-poc/tasks/internal/statelock"
)

// lockSuffix makes the key of a state that of its lock, as the s3 backend with use_lockfile does.
const lockSuffix = ".tflock"

// How much of a lock is read, and how much is shown of what is none, in bytes. Terraform's have some hundred.
const (
	lockLimit  = 64 << 10
	shownLimit = 1 << 10
)

// LockInfo is the lock of a state, as Terraform writes it beside the state.
type LockInfo struct {
	statelock.Lock

	etag string // of the object it was read from
}

// BrokenLockError is a lock that Terraform did not write, or not completely. It also blocks Terraform.
type BrokenLockError struct {
	Text string    // the beginning of what it holds
	Lock *LockInfo // with nothing but an id made up of its entity tag, by which [Release] knows it
}

func (e *BrokenLockError) Error() string {
	return fmt.Sprintf("it is no lock of Terraform's (lock %s): it holds %.200q", e.Lock.ID, e.Text)
}

// Lock returns the holder of the lock of the state at key, nil if there is none.
func Lock(ctx context.Context, api API, b Bucket, key string) (*LockInfo, error) {
	name := key + lockSuffix
	text, etag, err := read(ctx, api, b, name, lockLimit)
	if err != nil || text == nil {
		return nil, err
	}
	info := LockInfo{etag: etag}
	if json.Unmarshal(text, &info) != nil || info.ID == "" {
		broken := &BrokenLockError{
			Text: string(text[:min(len(text), shownLimit)]),
			Lock: &LockInfo{statelock.Lock{ID: brokenID(etag)}, etag},
		}
		return nil, fmt.Errorf("reading the lock %q of the state bucket %q: %w", name, b.Name, broken)
	}
	return &info, nil
}

// lockOrBroken is the lock, whatever it holds.
func lockOrBroken(ctx context.Context, api API, b Bucket, key string) (*LockInfo, error) {
	lock, err := Lock(ctx, api, b, key)
	if broken, ok := errors.AsType[*BrokenLockError](err); ok {
		return broken.Lock, nil
	}
	return lock, err
}
