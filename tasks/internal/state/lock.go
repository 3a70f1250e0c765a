package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/statelock"
)

const lockSuffix = ".tflock" // of the state's key: the s3 backend's own with use_lockfile

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
func Lock(ctx context.Context, api *s3.Client, b Bucket, key string) (*LockInfo, error) {
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

// What a lock can be that is not this run's.
var (
	ErrTaken = errors.New("another run has locked the state")               // of [Acquire]
	ErrLost  = errors.New("this run no longer holds the lock of the state") // of [Holds]
)

// Acquire writes a lock beside the state at key, as Terraform's s3 backend does. S3 may have stored the lock of a call
// that failed, so a lock with the same ID counts as acquired.
func Acquire(ctx context.Context, api *s3.Client, b Bucket, key string, lock statelock.Lock) (*LockInfo, error) {
	text, err := json.Marshal(lock)
	if err != nil {
		return nil, err
	}
	name := key + lockSuffix
	input := &s3.PutObjectInput{
		Bucket: &b.Name, Key: &name, ExpectedBucketOwner: b.owner(), Body: bytes.NewReader(text),
		ContentType: aws.String("application/json"), IfNoneMatch: aws.String("*"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ServerSideEncryption: types.ServerSideEncryptionAes256,
	}
	if b.KMSKey != "" {
		input.ServerSideEncryption, input.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &b.KMSKey
	}
	out, err := api.PutObject(ctx, input)
	if err == nil {
		return &LockInfo{lock, aws.ToString(out.ETag)}, nil
	}
	if now, unread := Lock(ctx, api, b, key); unread == nil && now != nil && now.ID == lock.ID {
		return now, nil
	}
	if status := awserr.Status(err); status == http.StatusPreconditionFailed || status == http.StatusConflict {
		return nil, ErrTaken
	}
	return nil, fmt.Errorf("locking the state: %w", err)
}

// Holds returns nil if the lock of the state at key is still this one, and [ErrLost] if it is not.
func Holds(ctx context.Context, api *s3.Client, b Bucket, key string, lock *LockInfo) error {
	now, err := Lock(ctx, api, b, key)
	switch {
	case err != nil:
		return err
	case now == nil:
		return fmt.Errorf("%w: somebody has released it", ErrLost)
	case now.ID != lock.ID || now.etag != lock.etag:
		return fmt.Errorf("%w: the state is now %s", ErrLost, now)
	}
	return nil
}

// Release deletes the lock of the state at key, if it is the one with this id: a newer lock is kept. It is for a run's
// own lock, and for that of a dead run: a live one would write the state all the same.
func Release(ctx context.Context, api *s3.Client, b Bucket, key, id string) error {
	lock, err := Lock(ctx, api, b, key)
	switch {
	case err != nil:
		return err
	case lock == nil:
		return fmt.Errorf("releasing lock %q: the state is not locked", id)
	case lock.ID != id:
		return fmt.Errorf("releasing lock %q: the state is %s", id, lock)
	}
	name := key + lockSuffix
	input := &s3.DeleteObjectInput{Bucket: &b.Name, Key: &name, ExpectedBucketOwner: b.owner()}
	if lock.etag != "" {
		input.IfMatch = &lock.etag
	}
	_, err = api.DeleteObject(ctx, input)
	if unknownThere(err) { // the store has no conditional deletes: then it is looked at once more, and at once deleted
		if err := Holds(ctx, api, b, key, lock); err != nil {
			return fmt.Errorf("releasing lock %q: nothing was released: %w", id, err)
		}
		input.IfMatch = nil
		_, err = api.DeleteObject(ctx, input)
	}
	switch code := awserr.Code(err); {
	case awserr.Status(err) == http.StatusPreconditionFailed, code == "PreconditionFailed", code == "NoSuchKey":
		return fmt.Errorf("releasing lock %q: it is gone, or another has come in its place: nothing was released", id)
	case err != nil:
		return fmt.Errorf("releasing lock %q: %w", id, err)
	}
	return nil
}
