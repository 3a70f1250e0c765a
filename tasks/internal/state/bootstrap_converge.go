package state

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// bootstrap is one run of [Bootstrap]. Each of its settings looks at one thing, writes it if it differs, and reports in
// words what it wrote.
type bootstrap struct {
	api         API
	bucket      Bucket
	name, owner *string // of the bucket
	report      Report
}

// isSet is whether there is a setting that was read with this error. code is what S3 says where there is none.
func isSet(err error, code, setting string) (bool, error) {
	if awserr.Code(err) == code {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading its %s: %w", setting, err)
	}
	return true, nil
}

func (b *bootstrap) wrote(err error, doing, change string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	b.report.Changes = append(b.report.Changes, change)
	return nil
}

// private makes sure that no policy or access list can make the state public.
func (b *bootstrap) private(ctx context.Context) error {
	out, err := b.api.GetPublicAccessBlock(ctx,
		&s3.GetPublicAccessBlockInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	is, err := isSet(err, "NoSuchPublicAccessBlockConfiguration", "public access block")
	if err != nil || is && blocksAll(out.PublicAccessBlockConfiguration) {
		return err
	}
	_, err = b.api.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: b.name, ExpectedBucketOwner: b.owner,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true),
			IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	return b.wrote(err, "blocking public access", "public access blocked")
}

func blocksAll(c *types.PublicAccessBlockConfiguration) bool {
	return c != nil && aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) &&
		aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets)
}

// encrypted sets a default encryption where there is none: aws:kms is stricter than what is set here.
func (b *bootstrap) encrypted(ctx context.Context) error {
	out, err := b.api.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	is, err := isSet(err, "ServerSideEncryptionConfigurationNotFoundError", "encryption")
	if err != nil || is && out.ServerSideEncryptionConfiguration != nil &&
		slices.ContainsFunc(out.ServerSideEncryptionConfiguration.Rules, encrypts) {
		return err
	}
	aes := types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}
	_, err = b.api.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: b.name, ExpectedBucketOwner: b.owner,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &aes}},
		},
	})
	return b.wrote(err, "encrypting it", "encrypted (AES256)")
}

func encrypts(rule types.ServerSideEncryptionRule) bool {
	return rule.ApplyServerSideEncryptionByDefault != nil && rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm != ""
}

func (b *bootstrap) versioned(ctx context.Context) error {
	is, err := Versioned(ctx, b.api, b.bucket)
	if err != nil || is {
		return err
	}
	_, err = b.api.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: b.name, ExpectedBucketOwner: b.owner,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return b.wrote(err, "versioning it", "versioned")
}

// Versioned reports whether every state that was ever written can be restored.
func Versioned(ctx context.Context, api API, b Bucket) (bool, error) {
	out, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if err != nil {
		return false, fmt.Errorf("reading its versioning: %w", err)
	}
	return out.Status == types.BucketVersioningStatusEnabled, nil
}
