package session

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/state"
)

func (s *Session) Bucket() state.Bucket {
	return state.Bucket{Name: s.Settings.Backend.Bucket, Region: s.Settings.Backend.Region, Account: s.AWS.Pinned,
		Reason: "which locals.tf pins"}
}

// s3 is the client of the state bucket's region, which is backend.tf's alone.
func (s *Session) S3(ctx context.Context) (*s3.Client, error) {
	cfg, err := s.AWS.Config(ctx, s.Settings.Backend.Region)
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(cfg), nil
}
