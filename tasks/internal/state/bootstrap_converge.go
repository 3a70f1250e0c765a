package state

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// Each function here looks at one setting, writes it if it differs, and reports in words what it wrote.

// private sees to it that no policy or access list can make the state public.
func private(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	out, err := api.GetPublicAccessBlock(ctx,
		&s3.GetPublicAccessBlockInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	switch {
	case awserr.Code(err) == "NoSuchPublicAccessBlockConfiguration":
	case err != nil:
		return fmt.Errorf("reading its public access block: %w", err)
	case blocksAll(out.PublicAccessBlockConfiguration):
		return nil
	}
	_, err = api.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true),
			IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("blocking public access: %w", err)
	}
	report.Changes = append(report.Changes, "public access blocked")
	return nil
}

func blocksAll(c *types.PublicAccessBlockConfiguration) bool {
	return c != nil && aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) &&
		aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets)
}

// encrypted sees to a default encryption. Any there is stays: aws:kms is stricter than what is set here.
func encrypted(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	out, err := api.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	switch {
	case awserr.Code(err) == "ServerSideEncryptionConfigurationNotFoundError":
	case err != nil:
		return fmt.Errorf("reading its encryption: %w", err)
	case encrypts(out.ServerSideEncryptionConfiguration):
		return nil
	}
	_, err = api.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256},
		}}},
	})
	if err != nil {
		return fmt.Errorf("encrypting it: %w", err)
	}
	report.Changes = append(report.Changes, "encryption AES256")
	return nil
}

func encrypts(c *types.ServerSideEncryptionConfiguration) bool {
	if c == nil {
		return false
	}
	for _, rule := range c.Rules {
		if d := rule.ApplyServerSideEncryptionByDefault; d != nil && d.SSEAlgorithm != "" {
			return true
		}
	}
	return false
}

// versioned sees to it that every state that was ever written can be had back.
func versioned(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	is, err := Versioned(ctx, api, b)
	if err != nil || is {
		return err
	}
	_, err = api.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		return fmt.Errorf("versioning it: %w", err)
	}
	report.Changes = append(report.Changes, "versioning enabled")
	return nil
}

// VersioningAPI is the part of the S3 client that reads whether a bucket keeps what is written over.
type VersioningAPI interface {
	GetBucketVersioning(context.Context, *s3.GetBucketVersioningInput, ...option) (*s3.GetBucketVersioningOutput, error)
}

// Versioned is whether every state that was ever written can be had back.
func Versioned(ctx context.Context, api VersioningAPI, b Bucket) (bool, error) {
	out, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if err != nil {
		return false, fmt.Errorf("reading its versioning: %w", err)
	}
	return out.Status == types.BucketVersioningStatusEnabled, nil
}
