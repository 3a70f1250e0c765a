package state

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// bootstrap is one run of [Bootstrap]. Each setting writes what differs, and reports it.
type bootstrap struct {
	api         *s3.Client
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
func Versioned(ctx context.Context, api *s3.Client, b Bucket) (bool, error) {
	out, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if err != nil {
		return false, fmt.Errorf("reading its versioning: %w", err)
	}
	return out.Status == types.BucketVersioningStatusEnabled, nil
}

const (
	historyRule = "terraform-state-history"
	historyDays = 90
	abortDays   = 7
)

// owned switches access lists off, unless the bucket's list gives others access: that is its owner's decision.
func (b *bootstrap) owned(ctx context.Context) error {
	out, err := b.api.GetBucketOwnershipControls(ctx,
		&s3.GetBucketOwnershipControlsInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	is, err := isSet(err, "OwnershipControlsNotFoundError", "object ownership")
	if err != nil || is && out.OwnershipControls != nil && slices.ContainsFunc(out.OwnershipControls.Rules, enforced) {
		return err
	}
	rules := []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}}
	_, err = b.api.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{
		Bucket: b.name, ExpectedBucketOwner: b.owner, OwnershipControls: &types.OwnershipControls{Rules: rules},
	})
	if awserr.Code(err) == "InvalidBucketAclWithObjectOwnership" {
		b.report.Notes = append(b.report.Notes,
			"access lists stay in force: the bucket's own gives others access; take that away, and run this again")
		return nil
	}
	return b.wrote(err, "taking ownership of its objects", "the bucket's owner owns every object, access lists are off")
}

func enforced(rule types.OwnershipControlsRule) bool {
	return rule.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
}

// expiring removes old versions: each lock leaves one, and a delete marker. A rule of ours that was changed is kept.
func (b *bootstrap) expiring(ctx context.Context) error {
	out, err := b.api.GetBucketLifecycleConfiguration(ctx,
		&s3.GetBucketLifecycleConfigurationInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	is, err := isSet(err, "NoSuchLifecycleConfiguration", "lifecycle")
	if err != nil {
		return err
	}
	put := &s3.PutBucketLifecycleConfigurationInput{
		Bucket: b.name, ExpectedBucketOwner: b.owner,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{},
	}
	if is {
		if slices.ContainsFunc(out.Rules, func(r types.LifecycleRule) bool { return aws.ToString(r.ID) == historyRule }) {
			return nil
		}
		put.LifecycleConfiguration.Rules = out.Rules
		put.TransitionDefaultMinimumObjectSize = out.TransitionDefaultMinimumObjectSize
	}
	put.LifecycleConfiguration.Rules = append(put.LifecycleConfiguration.Rules, types.LifecycleRule{
		ID: aws.String(historyRule), Status: types.ExpirationStatusEnabled,
		Filter:                         &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(historyDays)},
		Expiration:                     &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(abortDays)},
	})
	_, err = b.api.PutBucketLifecycleConfiguration(ctx, put)
	return b.wrote(err, "letting its old versions expire",
		fmt.Sprintf("old versions expire after %d days", historyDays))
}

func (b *bootstrap) tagged(ctx context.Context) error {
	if len(b.bucket.Tags) == 0 {
		return nil
	}
	out, err := b.api.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	is, err := isSet(err, "NoSuchTagSet", "tags")
	if err != nil {
		return err
	}
	var tags []types.Tag
	if is {
		tags = out.TagSet
	}
	missing := maps.Clone(b.bucket.Tags)
	for _, tag := range tags {
		delete(missing, aws.ToString(tag.Key))
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = b.api.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: b.name, ExpectedBucketOwner: b.owner, Tagging: &types.Tagging{TagSet: append(tags, tagSet(missing)...)},
	})
	return b.wrote(err, "tagging it", fmt.Sprintf("tagged: %v", slices.Sorted(maps.Keys(missing))))
}

func tagSet(tags map[string]string) []types.Tag {
	var set []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return set
}
