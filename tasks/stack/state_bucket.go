package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/session"
)

// stateClient is a client of the state bucket, once the bucket is known to be there: Terraform would say so later, and
// worse.
func stateClient(ctx context.Context, s *session.Session) (*s3.Client, error) {
	client, err := s.S3(ctx)
	if err != nil {
		return nil, err
	}
	return client, s.AWS.Explain(state.Check(ctx, client, s.Bucket()))
}

// bucketTags are the tags of locals.tf that are as true of the bucket; the others are about repositories.
func bucketTags(s *session.Session) map[string]string {
	tags := map[string]string{"ManagedBy": "mage"} // not by Terraform, whose state is in it
	for _, key := range []string{"Project", "Environment"} {
		if value := s.Settings.Tags[key]; value != "" {
			tags[key] = value
		}
	}
	return tags
}
