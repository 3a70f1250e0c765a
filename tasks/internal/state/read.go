package state

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// stateLimit is the most that is read of a state, in bytes: a thousand times as much as this project's.
const stateLimit = 256 << 20

// Read returns the object of that key, such as Terraform's state, or nil when there is none. A state may hold
// secrets: it is not for logs.
func Read(ctx context.Context, api API, b Bucket, key string) ([]byte, error) {
	content, _, err := read(ctx, api, b, key, stateLimit)
	if len(content) > stateLimit {
		return nil, fmt.Errorf("reading %q of the state bucket %q: it has more than %d MiB, so it is no state", key, b.Name,
			stateLimit>>20)
	}
	return content, err
}

// read returns a byte more than limit of an object that is larger. It also returns the entity tag, by which it is known
// whether the object is the same later.
func read(ctx context.Context, api API, b Bucket, key string, limit int64) (content []byte, etag string,
	err error,
) {
	out, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner()})
	switch {
	case awserr.Code(err) == "NoSuchKey":
		return nil, "", nil
	case awserr.Code(err) == "NoSuchBucket":
		err = awserr.ErrNoBucket
	case awserr.Status(err) == http.StatusForbidden && b.Account != "":
		err = fmt.Errorf("%s, or these credentials lack s3:GetObject: %w", b.foreign(), err)
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading %q of the state bucket %q: %w", key, b.Name, err)
	}
	defer out.Body.Close()
	content, err = io.ReadAll(io.LimitReader(out.Body, limit+1))
	if err != nil {
		return nil, "", fmt.Errorf("reading %q of the state bucket %q: %w", key, b.Name, err)
	}
	return content, aws.ToString(out.ETag), nil
}
