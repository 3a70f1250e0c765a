package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/statelock"
)

var (
	// ErrTaken is the error of [Acquire] where another run has the lock.
	ErrTaken = errors.New("another run has locked the state")
	// ErrLost is the error of [Holds] where the lock is gone, or is another run's.
	ErrLost = errors.New("this run no longer holds the lock of the state")
)

// Acquire writes a lock beside the state at key, as Terraform's s3 backend does. S3 may have stored the lock of a call
// that failed, so a lock with the same ID counts as acquired.
func Acquire(ctx context.Context, api API, b Bucket, key string, lock statelock.Lock) (*LockInfo, error) {
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
func Holds(ctx context.Context, api API, b Bucket, key string, lock *LockInfo) error {
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
