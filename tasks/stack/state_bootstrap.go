package stack

import (
	"context"

	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/session"
)

// Bootstrap creates or adopts the state bucket that backend.tf names. No other target creates it: a bucket that appears
// by a typing error in backend.tf would start an empty state beside the real one.
func Bootstrap(ctx context.Context) error {
	s, err := OpenSession()
	if err != nil {
		return err
	}
	bucket := s.Bucket()
	if bucket.Account == "" { // then the user's own account: a bucket of another is not adopted, even if it can be written
		who, err := s.AWS.Identify(ctx)
		if err != nil {
			return err
		}
		bucket.Account, bucket.Reason = who.Account, "whose credentials these are"
	}
	return EnsureBucket(ctx, s, bucket)
}

// EnsureBucket creates or adopts a state bucket, and says what it changed.
func EnsureBucket(ctx context.Context, s *session.Session, bucket state.Bucket) error {
	client, err := s.S3(ctx)
	if err != nil {
		return err
	}
	bucket.Tags = bucketTags(s.Settings.Tags)
	done, err := state.Bootstrap(ctx, client, bucket)
	if done.Created {
		s.Say("state bucket %s: created in %s", bucket.Name, bucket.Region)
	}
	for _, change := range done.Changes {
		s.Say("state bucket %s: %s", bucket.Name, change)
	}
	for _, text := range done.Notes {
		s.Warn("state bucket %s: %s", bucket.Name, text)
	}
	if err != nil {
		return s.AWS.Explain(err)
	}
	if !done.Changed() {
		s.Say("state bucket %s is as it should be", bucket.Name)
	}
	return nil
}

// bucketTags are the tags of locals.tf that are true of the bucket, too; the others are about repositories.
func bucketTags(tags map[string]string) map[string]string {
	own := map[string]string{"ManagedBy": "mage"} // not by Terraform: its state is in the bucket
	for _, key := range []string{"Project", "Environment"} {
		if value := tags[key]; value != "" {
			own[key] = value
		}
	}
	return own
}
