package stack

import (
	"context"

	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/session"
)

// Bootstrap creates or adopts the state bucket that backend.tf names. No other target creates it: a bucket that appears
// by a typing error in backend.tf would start an empty state beside the real one.
func Bootstrap(ctx context.Context) error {
	s, err := OpenState()
	if err != nil {
		return err
	}
	bucket := s.Bucket()
	if bucket.Account == "" { // that of whoever runs this: another's bucket is not adopted, whatever it lets us do
		who, err := s.AWS.Identify(ctx)
		if err != nil {
			return err
		}
		bucket.Account, bucket.Reason = who.Account, "whose credentials these are"
	}
	return MakeBucket(ctx, s, bucket)
}

func MakeBucket(ctx context.Context, s *session.Session, bucket state.Bucket) error {
	client, err := s.S3(ctx)
	if err != nil {
		return err
	}
	bucket.Tags = bucketTags(s)
	report, err := state.Bootstrap(ctx, client, bucket)
	if report.Created {
		s.Say("state bucket %s: created in %s", s.Settings.Backend.Bucket, s.Settings.Backend.Region)
	}
	for _, change := range report.Changes {
		s.Say("state bucket %s: %s", s.Settings.Backend.Bucket, change)
	}
	for _, note := range report.Notes {
		s.Warn("state bucket %s: %s", s.Settings.Backend.Bucket, note)
	}
	if err != nil {
		return s.AWS.Explain(err)
	}
	if !report.Changed() {
		s.Say("state bucket %s is as it should be", s.Settings.Backend.Bucket)
	}
	return nil
}
