package state

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// Release deletes the lock of the state at key, if it is the one with this id: a newer lock is kept, even if it came a
// moment ago. It is for a run's own lock, and for that of a dead run: a live one would write the state all the same.
func Release(ctx context.Context, api API, b Bucket, key, id string) error {
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
