package state

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	ruleID = "envoy-proxy-poc-state" // by which the rule is known again

	keptDays   = 90 // an old state can be had back so long
	uploadDays = 7
)

// expiring sees to it that old versions go in time: every lock leaves a version and a delete marker, which would stay for ever.
// A rule cannot choose by suffix, so it is for all objects. The owner's own rules stay; where one of them, for the whole bucket,
// expires versions already, its days are the owner's decision.
func expiring(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	out, err := api.GetBucketLifecycleConfiguration(ctx,
		&s3.GetBucketLifecycleConfigurationInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	input := &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &b.Name, ExpectedBucketOwner: b.owner(), LifecycleConfiguration: &types.BucketLifecycleConfiguration{},
	}
	switch {
	case hasCode(err, "NoSuchLifecycleConfiguration"):
	case hasCode(err, "NotImplemented"):
		report.Notes = append(report.Notes, "old versions stay: this endpoint has no lifecycle rules")
		return nil
	case err != nil:
		return fmt.Errorf("reading its lifecycle rules: %w", err)
	default:
		input.TransitionDefaultMinimumObjectSize = out.TransitionDefaultMinimumObjectSize
		for _, rule := range out.Rules {
			if expires(rule) {
				return nil
			}
			if aws.ToString(rule.ID) != ruleID {
				input.LifecycleConfiguration.Rules = append(input.LifecycleConfiguration.Rules, rule)
			}
		}
	}
	input.LifecycleConfiguration.Rules = append(input.LifecycleConfiguration.Rules, types.LifecycleRule{
		ID: aws.String(ruleID), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(keptDays)},
		Expiration:                     &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(uploadDays)},
	})
	_, err = api.PutBucketLifecycleConfiguration(ctx, input)
	if hasCode(err, "NotImplemented") {
		report.Notes = append(report.Notes, "old versions stay: this endpoint has no lifecycle rules")
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing its lifecycle rules: %w", err)
	}
	report.Changes = append(report.Changes, fmt.Sprintf("old versions expire after %d days", keptDays))
	return nil
}

// expires reports whether a rule expires the noncurrent versions of all objects.
func expires(rule types.LifecycleRule) bool {
	f := rule.Filter
	all := f == nil || (aws.ToString(f.Prefix) == "" && f.Tag == nil && f.And == nil &&
		f.ObjectSizeGreaterThan == nil && f.ObjectSizeLessThan == nil)
	return rule.Status == types.ExpirationStatusEnabled && all && prefixOf(rule) == "" && rule.NoncurrentVersionExpiration != nil
}

// prefixOf is the prefix in the form from before there were filters, which S3 still gives back where it was put.
func prefixOf(rule types.LifecycleRule) string {
	return aws.ToString(rule.Prefix) //nolint:staticcheck // deprecated, not gone
}
