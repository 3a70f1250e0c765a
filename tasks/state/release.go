package state

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ReleaseAPI is the part of the S3 client that releases a lock.
type ReleaseAPI interface {
	ReadAPI
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// Release takes away the lock of the state at key, if it is the one with this id: somebody else's newer lock stays.
// It is for a lock whose holder is dead; the holder of a live one would write the state all the same.
func Release(ctx context.Context, api ReleaseAPI, b Bucket, key, id string) error {
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
	if _, err := api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: &name, ExpectedBucketOwner: b.owner()}); err != nil {
		return fmt.Errorf("releasing lock %q: %w", id, err)
	}
	return nil
}
