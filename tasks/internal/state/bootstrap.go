package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/hint"
)

// Report says what [Bootstrap] did; with an error, what it did before that.
type Report struct {
	Created bool
	Changes []string // settings that were written, in words; empty when all was right
	Notes   []string // what could not be set here, and why
}

// Changed reports whether the bucket is another than before.
func (r Report) Changed() bool { return r.Created || len(r.Changes) > 0 }

// Bootstrap creates the bucket, or adopts the one that exists. It makes it private, encrypted, versioned, owned by its
// account, reached over TLS only, tagged, and rid of old versions. It writes only what differs, and keeps the owner's
// choices: a stricter encryption, other statements, rules and tags. What an emulator does not know is noted.
func Bootstrap(ctx context.Context, api *s3.Client, b Bucket) (Report, error) {
	run := &bootstrap{api: api, bucket: b, name: &b.Name, owner: b.owner()}
	err := Check(ctx, api, b)
	if errors.Is(err, awserr.ErrNoBucket) {
		run.report.Created, err = create(ctx, api, b)
	}
	if err != nil {
		return run.report, err
	}
	// What keeps the state safe comes first: credentials that lack a right for the rest have done that much.
	for _, set := range []func(context.Context) error{
		run.private, run.encrypted, run.versioned, run.tlsOnly, run.owned, run.expiring, run.tagged,
	} {
		switch err := set(ctx); {
		case unknownThere(err):
			run.report.Notes = append(run.report.Notes, fmt.Sprintf("not set, as this endpoint cannot: %v", err))
		case err != nil:
			return run.report, fmt.Errorf("setting up the state bucket %q: %w", b.Name, err)
		}
	}
	return run.report, nil
}

const createWait = 2 * time.Minute // S3 usually takes a second or two

// create makes the bucket and waits until it is seen. Somebody of the same account may make it at the same time.
func create(ctx context.Context, api *s3.Client, b Bucket) (created bool, err error) {
	input := &s3.CreateBucketInput{Bucket: &b.Name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	configuration := types.CreateBucketConfiguration{Tags: tagSet(b.Tags)}
	if b.Region != "us-east-1" { // S3's first region, which it refuses to hear by name
		configuration.LocationConstraint = types.BucketLocationConstraint(b.Region)
	}
	if configuration.LocationConstraint != "" || configuration.Tags != nil {
		input.CreateBucketConfiguration = &configuration
	}
	_, err = api.CreateBucket(ctx, input)
	ours := awserr.Code(err) == "BucketAlreadyOwnedByYou"
	switch {
	case awserr.Code(err) == "BucketAlreadyExists":
		err = fmt.Errorf("creating the state bucket %q: the name is taken by another account: %w", b.Name, err)
		return false, hint.Add(err, "bucket names are unique in all of AWS: write another one in %s", b.Place)
	case err != nil && !ours:
		return false, fmt.Errorf("creating the state bucket %q in %s: %w", b.Name, b.Region, err)
	}
	waiter := s3.NewBucketExistsWaiter(api, func(o *s3.BucketExistsWaiterOptions) { o.MinDelay = time.Second })
	err = waiter.Wait(ctx, &s3.HeadBucketInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()}, createWait)
	if err != nil {
		err = fmt.Errorf("waiting for the state bucket %q: %w", b.Name, err)
	}
	return !ours, err
}
