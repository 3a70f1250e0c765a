package state

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ReleaseAPI is the part of the S3 client that releases a lock.
type ReleaseAPI interface {
	ReadAPI
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// ErrLockChanged says, for errors.Is, that the lock is not the one any more that was read.
var ErrLockChanged = errors.New("the lock changed meanwhile")

// Release takes away the lock of the state at key, if it still is the one that [Lock] returned: whoever locked the state since then
// keeps it. It is for a lock whose holder is dead; the holder of a live one would write the state all the same.
//
// The store compares once more as it deletes. Some stores ignore that condition, or refuse it: hence the look before.
func Release(ctx context.Context, api ReleaseAPI, b Bucket, key string, read *LockInfo) error {
	now, err := Lock(ctx, api, b, key)
	switch {
	case err != nil:
		return err
	case now == nil:
		return fmt.Errorf("releasing lock %q: %w: it was released", read.ID, ErrLockChanged)
	case now.ID != read.ID || aws.ToString(now.etag) != aws.ToString(read.etag):
		return fmt.Errorf("releasing lock %q: %w: the state is %s", read.ID, ErrLockChanged, now)
	}
	name := key + lockSuffix
	input := &s3.DeleteObjectInput{Bucket: &b.Name, Key: &name, ExpectedBucketOwner: b.owner(), IfMatch: read.etag}
	_, err = api.DeleteObject(ctx, input)
	if hasCode(err, "NotImplemented") {
		input.IfMatch = nil
		_, err = api.DeleteObject(ctx, input)
	}
	switch {
	case hasCode(err, "PreconditionFailed") || hasCode(err, "ConditionalRequestConflict") || hasCode(err, "NoSuchKey"):
		return fmt.Errorf("releasing lock %q: %w: %w", read.ID, ErrLockChanged, err)
	case err != nil:
		return fmt.Errorf("releasing lock %q: %w", read.ID, err)
	}
	return nil
}
