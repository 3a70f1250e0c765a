package stack

import (
	"context"
	"slices"
	"strings"

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
		bucket.Account, bucket.Reason = who.Account, "the account of these credentials"
	}
	changed, err := EnsureBucket(ctx, s, bucket)
	if err == nil && !changed {
		s.Say("state bucket %s is as it should be", bucket.Name)
	}
	return err
}

// EnsureBucket creates or adopts a state bucket, and says what it changed, if anything.
func EnsureBucket(ctx context.Context, s *session.Session, bucket state.Bucket) (changed bool, err error) {
	client, err := s.S3(ctx)
	if err != nil {
		return false, err
	}
	bucket.Tags = bucketTags(s.Settings.Tags)
	done, err := state.Bootstrap(ctx, client, bucket)
	written := done.Changes
	if done.Created {
		written = slices.Insert(written, 0, "created in "+bucket.Region)
	}
	if done.Changed() {
		s.Say("state bucket %s: %s", bucket.Name, strings.Join(written, ", "))
		session.Did("state bucket", "%s: %s", bucket.Name, written[0])
	}
	for _, text := range done.Notes {
		s.Warn("state bucket %s: %s", bucket.Name, text)
	}
	return done.Changed(), s.AWS.Explain(err)
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
