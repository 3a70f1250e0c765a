package tasks

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/state"
)

// Bootstrap creates or adopts the state bucket that backend.tf names. No other target creates it: a bucket that appears by a
// typing error in backend.tf would start an empty state beside the real one.
func Bootstrap(ctx context.Context) error {
	s, err := openState()
	if err != nil {
		return err
	}
	bucket := s.bucket()
	if bucket.Account == "" { // that of whoever runs this: another's bucket is not adopted, whatever it lets us do
		who, err := s.identify(ctx)
		if err != nil {
			return err
		}
		bucket.Account, bucket.Whose = who.Account, "whose credentials these are"
	}
	return s.bootstrap(ctx, bucket)
}

// bootstrapLocal does so in the local AWS, which has one account only.
func bootstrapLocal(ctx context.Context) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return s.bootstrap(ctx, s.bucket())
}

func (s *session) bootstrap(ctx context.Context, bucket state.Bucket) error {
	client, err := s.s3(ctx)
	if err != nil {
		return err
	}
	bucket.Tags = s.bucketTags()
	report, err := state.Bootstrap(ctx, client, bucket)
	if report.Created {
		s.Say("state bucket %s: created in %s", s.Backend.Bucket, s.Backend.Region)
	}
	for _, change := range report.Changes {
		s.Say("state bucket %s: %s", s.Backend.Bucket, change)
	}
	for _, note := range report.Notes {
		s.Warn("state bucket %s: %s", s.Backend.Bucket, note)
	}
	if err != nil {
		return s.explain(err)
	}
	if !report.Changed() {
		s.Say("state bucket %s is as it should be", s.Backend.Bucket)
	}
	return nil
}

// stateClient is a client of the state bucket, once the bucket is known to be there: Terraform would say so later, and worse.
func (s *session) stateClient(ctx context.Context) (*s3.Client, error) {
	client, err := s.s3(ctx)
	if err != nil {
		return nil, err
	}
	return client, s.explain(state.Check(ctx, client, s.bucket()))
}

func (s *session) bucket() state.Bucket {
	return state.Bucket{Name: s.Backend.Bucket, Region: s.Backend.Region, Account: s.Account, Whose: "which locals.tf pins"}
}

// bucketTags are the tags of locals.tf that are as true of the bucket; the others are about repositories.
func (s *session) bucketTags() map[string]string {
	tags := map[string]string{"ManagedBy": "mage"} // not by Terraform, whose state is in it
	for _, key := range []string{"Project", "Environment"} {
		if value := s.Tags[key]; value != "" {
			tags[key] = value
		}
	}
	return tags
}

// s3 is the client of the state bucket's region, which is backend.tf's alone.
func (s *session) s3(ctx context.Context) (*s3.Client, error) {
	cfg, err := s.aws(ctx, s.Backend.Region)
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(cfg), nil
}
