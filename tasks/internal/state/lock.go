package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// lockSuffix makes the key of a state that of its lock, as the s3 backend with use_lockfile does.
const lockSuffix = ".tflock"

// How much of a lock is read, and how much is shown of what is none, in bytes. Terraform's have some hundred.
const (
	lockLimit  = 64 << 10
	shownLimit = 1 << 10
)

// LockInfo says who works on the state, as Terraform writes it beside the state.
type LockInfo struct {
	ID        string
	Operation string // such as OperationTypeApply
	Info      string
	Who       string // user@host
	Version   string // Terraform's
	Created   time.Time
	Path      string // bucket/key

	etag string // of the object it was read from
}

// String is the holder in one line.
func (l LockInfo) String() string { return l.line("") }

// At is the holder in one line, and for how long.
func (l LockInfo) At(now time.Time) string { return l.line(", " + age(now.Sub(l.Created))) }

func (l LockInfo) line(age string) string {
	if l.Who == "" && l.Operation == "" { // a broken one
		return fmt.Sprintf("locked (lock %s)", l.ID)
	}
	since := ""
	if !l.Created.IsZero() {
		since = " since " + l.Created.UTC().Format(time.RFC3339) + age
	}
	return fmt.Sprintf("locked by %s%s (%s, Terraform %s, lock %s)", l.Who, since, l.Operation, l.Version, l.ID)
}

// age is how long ago something was, in its largest unit. Clocks differ: what lies ahead was just now.
func age(d time.Duration) string {
	switch {
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// BrokenLockError is a lock that Terraform did not write, or not wholly. It keeps Terraform out all the same.
type BrokenLockError struct {
	Text string    // the beginning of what it holds
	Lock *LockInfo // with nothing but an id made up of its entity tag, by which [Release] knows it
}

func (e *BrokenLockError) Error() string {
	return fmt.Sprintf("it is no lock of Terraform's (lock %s): it holds %.200q", e.Lock.ID, e.Text)
}

// Lock returns who holds the lock of the state at key, or nil when nobody does.
func Lock(ctx context.Context, api ReadAPI, b Bucket, key string) (*LockInfo, error) {
	name := key + lockSuffix
	text, etag, err := read(ctx, api, b, name, lockLimit)
	if err != nil || text == nil {
		return nil, err
	}
	info := LockInfo{etag: etag}
	if json.Unmarshal(text, &info) != nil || info.ID == "" {
		broken := &BrokenLockError{Text: string(text[:min(len(text), shownLimit)]), Lock: &LockInfo{ID: brokenID(etag), etag: etag}}
		return nil, fmt.Errorf("reading the lock %q of the state bucket %q: %w", name, b.Name, broken)
	}
	return &info, nil
}

// lockOrBroken is the lock, whatever it holds.
func lockOrBroken(ctx context.Context, api ReadAPI, b Bucket, key string) (*LockInfo, error) {
	lock, err := Lock(ctx, api, b, key)
	if broken, ok := errors.AsType[*BrokenLockError](err); ok {
		return broken.Lock, nil
	}
	return lock, err
}
