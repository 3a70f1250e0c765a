// Package state makes and reads the S3 bucket that Terraform keeps its state in, and reads, acquires and releases the
// lock as Terraform's s3 backend does with use_lockfile. It never writes a state and never deletes a bucket.
package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
)

// Bucket says which bucket is meant.
type Bucket struct {
	Name    string
	Region  string            // where it is, or is to be made
	Account string            // its owner's, where known: S3 then refuses another's bucket
	Reason  string            // why it is that account's, such as "which locals.tf pins". Optional.
	Place   string            // where its name stands, for a hint
	KMSKey  string            // encrypts the lock. Optional.
	Tags    map[string]string // put on it by [Bootstrap]. Optional.
}

func (b Bucket) owner() *string {
	if b.Account == "" {
		return nil
	}
	return &b.Account
}

// foreign is what S3 may mean by a refusal: it says nothing of owners.
func (b Bucket) foreign() string {
	if b.Account == "" {
		return "it is another account's"
	}
	return strings.TrimSuffix(fmt.Sprintf("it is not account %s's, %s", b.Account, b.Reason), ", ")
}

// Check returns nil when these credentials reach the bucket in its region; [awserr.ErrNoBucket] when nobody has it.
func Check(ctx context.Context, api *s3.Client, b Bucket) error {
	_, err := api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if err != nil {
		return fmt.Errorf("looking for the state bucket %q: %w", b.Name, absent(err, b))
	}
	return nil
}

// absent says what the status of a HEAD request means; its answer has no body that could.
func absent(err error, b Bucket) error {
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok {
		return err
	}
	region := response.Response.Header.Get("X-Amz-Bucket-Region") // S3 adds it to refusals, too
	switch response.HTTPStatusCode() {
	case http.StatusNotFound:
		return awserr.ErrNoBucket
	case http.StatusForbidden:
		return hint.Add(fmt.Errorf("access denied: %s, or these credentials lack s3:ListBucket: %w", b.foreign(), err),
			"use the account that owns it (AWS_PROFILE=NAME), or write another bucket name in %s", b.Place)
	case http.StatusMovedPermanently:
		return elsewhere(region, b)
	case http.StatusBadRequest:
		if region != "" && region != b.Region { // signed for another region than the bucket's
			return elsewhere(region, b)
		}
		return hint.Add(err,
			"S3 gives no reason here; most often the credentials have expired: aws sts get-caller-identity tells")
	}
	return err
}

func elsewhere(region string, b Bucket) error {
	return hint.Add(fmt.Errorf("it is in %s, not in %s", cmp.Or(region, "another region"), b.Region),
		"write the bucket's region in %s, or another bucket name", b.Place)
}

// unknownThere reports whether an endpoint says that it has no such call, as emulators do. S3 has them all.
func unknownThere(err error) bool {
	return awserr.Code(err) == "NotImplemented" || awserr.Status(err) == http.StatusNotImplemented
}

const stateLimit = 256 << 20 // bytes: a thousand times as much as this project's state

// Read returns the object of that key, such as Terraform's state, or nil when there is none. A state may hold secrets.
func Read(ctx context.Context, api *s3.Client, b Bucket, key string) ([]byte, error) {
	content, _, err := read(ctx, api, b, key, stateLimit)
	if len(content) > stateLimit {
		return nil, fmt.Errorf("reading %q of the state bucket %q: it has more than %d MiB, so it is no state", key, b.Name,
			stateLimit>>20)
	}
	return content, err
}

// read returns a byte more than limit of an object that is larger, and the entity tag.
func read(ctx context.Context, api *s3.Client, b Bucket, key string, limit int64) (content []byte, etag string,
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
