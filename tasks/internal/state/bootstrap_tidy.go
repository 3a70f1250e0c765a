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

// What keeps the bucket in order over the years: who owns what is in it, what is thrown away when, and what it is
// called in a bill.

const (
	historyRule = "terraform-state-history"
	historyDays = 90
	abortDays   = 7
)

// owned sees to it that access lists count for nothing. A bucket whose list gives others access keeps it, and that is
// noted: taking it away is its owner's decision.
func owned(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	out, err := api.GetBucketOwnershipControls(ctx,
		&s3.GetBucketOwnershipControlsInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	switch {
	case awserr.Code(err) == "OwnershipControlsNotFoundError":
	case err != nil:
		return fmt.Errorf("reading its object ownership: %w", err)
	case out.OwnershipControls != nil && slices.ContainsFunc(out.OwnershipControls.Rules, enforced):
		return nil
	}
	_, err = api.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{
		Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}}},
	})
	switch {
	case awserr.Code(err) == "InvalidBucketAclWithObjectOwnership":
		report.Notes = append(report.Notes,
			"access lists stay in force: the bucket's own gives others access; take that away, and run this again")
		return nil
	case err != nil:
		return fmt.Errorf("taking ownership of its objects: %w", err)
	}
	report.Changes = append(report.Changes, "the bucket's owner owns every object, access lists are off")
	return nil
}

func enforced(rule types.OwnershipControlsRule) bool {
	return rule.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
}

// expiring sees to it that old versions go away: each lock leaves one, and a delete marker. The owner's rules stay, and
// so does ours if it was changed, or switched off.
func expiring(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	out, err := api.GetBucketLifecycleConfiguration(ctx,
		&s3.GetBucketLifecycleConfigurationInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	put := &s3.PutBucketLifecycleConfigurationInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{}}
	switch {
	case awserr.Code(err) == "NoSuchLifecycleConfiguration":
	case err != nil:
		return fmt.Errorf("reading its lifecycle: %w", err)
	case slices.ContainsFunc(out.Rules, func(r types.LifecycleRule) bool { return aws.ToString(r.ID) == historyRule }):
		return nil
	default:
		put.LifecycleConfiguration.Rules = out.Rules
		put.TransitionDefaultMinimumObjectSize = out.TransitionDefaultMinimumObjectSize
	}
	put.LifecycleConfiguration.Rules = append(put.LifecycleConfiguration.Rules, types.LifecycleRule{
		ID: aws.String(
			historyRule), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(historyDays)},
		Expiration:                     &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(abortDays)},
	})
	if _, err := api.PutBucketLifecycleConfiguration(ctx, put); err != nil {
		return fmt.Errorf("letting its old versions expire: %w", err)
	}
	report.Changes = append(report.Changes, fmt.Sprintf("old versions expire after %d days", historyDays))
	return nil
}

// tagged adds the tags that are missing. A value of the owner's choice stays, as do other tags.
func tagged(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	if len(b.Tags) == 0 {
		return nil
	}
	out, err := api.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	var tags []types.Tag
	switch {
	case awserr.Code(err) == "NoSuchTagSet":
	case err != nil:
		return fmt.Errorf("reading its tags: %w", err)
	default:
		tags = out.TagSet
	}
	missing := maps.Clone(b.Tags)
	for _, tag := range tags {
		delete(missing, aws.ToString(tag.Key))
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = api.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: &b.Name, ExpectedBucketOwner: b.owner(), Tagging: &types.Tagging{TagSet: append(tags, tagSet(missing)...)},
	})
	if err != nil {
		return fmt.Errorf("tagging it: %w", err)
	}
	report.Changes = append(report.Changes, fmt.Sprintf("tagged: %v", slices.Sorted(maps.Keys(missing))))
	return nil
}

func tagSet(tags map[string]string) []types.Tag {
	var set []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return set
}
