package state

import (
	"context"
	"encoding/json"
	"strings"

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

// Lock returns the holder of the lock of the state at key, nil if there is none. A lock that Terraform did not write is
// broken, and has an id that is made up of its entity tag.
func Lock(ctx context.Context, api API, b Bucket, key string) (*LockInfo, error) {
	text, etag, err := read(ctx, api, b, key+lockSuffix, lockLimit)
	if err != nil || text == nil {
		return nil, err
	}
	info := LockInfo{etag: etag}
	if json.Unmarshal(text, &info) != nil || info.ID == "" {
		info.Lock = statelock.Lock{
			ID: "broken-" + strings.Trim(etag, `"`), Broken: true, Text: string(text[:min(len(text), shownLimit)]),
		}
	}
	return &info, nil
}
