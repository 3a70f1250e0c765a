// Package state makes and reads the S3 bucket that Terraform keeps its state in.
//
// It creates the bucket or adopts one that exists, reads the state as Terraform's s3 backend writes it, and reads,
// acquires and releases its lock as that backend does with use_lockfile. It never writes a state: only Terraform does.
// It never deletes a bucket.
package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
)

// Bucket says which bucket is meant.
type Bucket struct {
	Name   string
	Region string // where it is, or is to be made
	// Account is its owner's, where known: S3 then refuses a bucket of the same name that is somebody else's.
	Account string
	// Reason says why it is that account's, such as "which locals.tf pins". Optional.
	Reason string
	// KMSKey encrypts the lock, as Terraform does where backend.tf names a key. Optional.
	KMSKey string
	// Tags are put on it by [Bootstrap]. Optional.
	Tags map[string]string
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

// Check returns nil when the bucket is there, in its region, for these credentials; [awserr.ErrNoBucket] when no one
// has a bucket of that name.
func Check(ctx context.Context, api API, b Bucket) error {
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
			"use the account that owns it (AWS_PROFILE=NAME), or write another bucket name in backend.tf")
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
		"write the bucket's region in backend.tf, or another bucket name")
}

// unknownThere reports whether an endpoint says that it has no such call, as emulators do. S3 has them all.
func unknownThere(err error) bool {
	return awserr.Code(err) == "NotImplemented" || awserr.Status(err) == http.StatusNotImplemented
}
