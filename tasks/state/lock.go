package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// lockSuffix makes the key of a state that of its lock, as the s3 backend with use_lockfile does.
const lockSuffix = ".tflock"

// LockInfo says who works on the state, as Terraform writes it beside the state.
type LockInfo struct {
	ID        string
	Operation string // such as OperationTypeApply
	Info      string
	Who       string // user@host
	Version   string // Terraform's
	Created   time.Time
	Path      string // bucket/key

	// Unreadable is the text of a lock that Terraform did not write, or that was cut. It locks all the same; its ID is made of
	// its content.
	Unreadable string `json:"-"`

	foreign bool
	etag    *string
}

// String is the holder in one line.
func (l LockInfo) String() string { return l.line("") }

// Aged is the holder in one line, with how long ago that was, in words.
func (l LockInfo) Aged(age string) string { return l.line(", " + age + " ago") }

func (l LockInfo) line(age string) string {
	if l.foreign {
		return fmt.Sprintf("locked by %q, which is not a lock of Terraform's (lock %s)", shortened(l.Unreadable), l.ID)
	}
	return fmt.Sprintf("locked by %s since %s%s (%s, Terraform %s, lock %s)",
		l.Who, l.Created.UTC().Format(time.RFC3339), age, l.Operation, l.Version, l.ID)
}

// Holder splits Who.
func (l LockInfo) Holder() (user, host string) {
	at := strings.LastIndex(l.Who, "@")
	if at < 0 {
		return l.Who, ""
	}
	return l.Who[:at], l.Who[at+1:]
}

// Lock returns who holds the lock of the state at key, or nil when nobody does.
func Lock(ctx context.Context, api ReadAPI, b Bucket, key string) (*LockInfo, error) {
	text, etag, err := read(ctx, api, b, key+lockSuffix)
	if err != nil || text == nil {
		return nil, err
	}
	var info LockInfo
	if json.Unmarshal(text, &info) != nil || info.ID == "" {
		sum := sha256.Sum256(text)
		info = LockInfo{ID: hex.EncodeToString(sum[:8]), Unreadable: string(text), foreign: true}
	}
	info.etag = etag
	return &info, nil
}

// shortened is enough of a text to recognise it by.
func shortened(text string) string {
	const enough = 200
	if len(text) <= enough {
		return text
	}
	return strings.ToValidUTF8(text[:enough], "") + "…"
}
