package state

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// VersioningAPI is the part of the S3 client that reads whether a bucket keeps what is written over.
type VersioningAPI interface {
	GetBucketVersioning(context.Context, *s3.GetBucketVersioningInput,
		...func(*s3.Options)) (*s3.GetBucketVersioningOutput, error)
}

// Versioned is whether every state that was ever written can be had back.
func Versioned(ctx context.Context, api VersioningAPI, b Bucket) (bool, error) {
	out, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if err != nil {
		return false, fmt.Errorf("reading its versioning: %w", err)
	}
	return out.Status == types.BucketVersioningStatusEnabled, nil
}
