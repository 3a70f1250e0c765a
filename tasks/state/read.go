package state

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ReadAPI is the part of the S3 client that reads an object.
type ReadAPI interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Read returns the object of that key, such as Terraform's state, or nil when there is none. A state may hold
// secrets: it is not for logs.
func Read(ctx context.Context, api ReadAPI, b Bucket, key string) ([]byte, error) {
	content, _, err := read(ctx, api, b, key)
	return content, err
}

// read also returns the entity tag, by which it is known whether the object is the same later.
func read(ctx context.Context, api ReadAPI, b Bucket, key string) (content []byte, etag string, err error) {
	out, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner()})
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return nil, "", nil
	}
	if missingBucket(err) {
		err = noBucket()
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading %q of the state bucket %q: %w", key, b.Name, err)
	}
	defer out.Body.Close()
	content, err = io.ReadAll(out.Body)
	if err != nil {
		return nil, "", fmt.Errorf("reading %q of the state bucket %q: %w", key, b.Name, err)
	}
	return content, aws.ToString(out.ETag), nil
}
