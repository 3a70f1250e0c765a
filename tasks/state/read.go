package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

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
	out, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner()})
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return nil, nil
	}
	if missingBucket(err) {
		err = noBucket()
	}
	if err != nil {
		return nil, fmt.Errorf("reading %q of the state bucket %q: %w", key, b.Name, err)
	}
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %q of the state bucket %q: %w", key, b.Name, err)
	}
	return content, nil
}

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
}

// String is the holder in one line.
func (l LockInfo) String() string {
	return fmt.Sprintf("locked by %s since %s (%s, Terraform %s, lock %s)",
		l.Who, l.Created.UTC().Format(time.RFC3339), l.Operation, l.Version, l.ID)
}

// Lock returns who holds the lock of the state at key, or nil when nobody does.
func Lock(ctx context.Context, api ReadAPI, b Bucket, key string) (*LockInfo, error) {
	name := key + lockSuffix
	text, err := Read(ctx, api, b, name)
	if err != nil || text == nil {
		return nil, err
	}
	var info LockInfo
	if err := json.Unmarshal(text, &info); err != nil {
		return nil, fmt.Errorf("reading the lock %q of the state bucket %q: %w", name, b.Name, err)
	}
	return &info, nil
}
