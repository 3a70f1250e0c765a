package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var state = aws.String("state")

func TestVersioningSetting(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for _, status := range []types.BucketVersioningStatus{"", types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended} {
		if status != "" {
			w.setVersioning("state", status)
		}
		w.restart()
		got, err := w.GetBucketVersioning(ctx, &awss3.GetBucketVersioningInput{Bucket: state})
		w.must(err)
		equal(t, "status", got.Status, status)
	}
	_, err := w.PutBucketVersioning(ctx, &awss3.PutBucketVersioningInput{Bucket: state, VersioningConfiguration: &types.VersioningConfiguration{Status: "On"}})
	w.refused(err, "MalformedXML")
}

func TestEncryptionSetting(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	algorithm := func() types.ServerSideEncryption {
		got, err := w.GetBucketEncryption(ctx, &awss3.GetBucketEncryptionInput{Bucket: state})
		w.must(err)
		return got.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm
	}
	set := func(a types.ServerSideEncryption, key *string) error {
		_, err := w.PutBucketEncryption(ctx, &awss3.PutBucketEncryptionInput{Bucket: state, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: a, KMSMasterKeyID: key}, BucketKeyEnabled: aws.Bool(true)}},
		}})
		return err
	}
	equal(t, "never set", algorithm(), types.ServerSideEncryptionAes256)
	equal(t, "an object", w.put("state", "a", "").ServerSideEncryption, types.ServerSideEncryptionAes256)
	w.must(set(types.ServerSideEncryptionAwsKms, aws.String("arn:aws:kms:us-west-2:123456789012:key/1")))
	equal(t, "set", algorithm(), types.ServerSideEncryptionAwsKms)
	out := w.put("state", "b", "")
	equal(t, "an object", out.ServerSideEncryption, types.ServerSideEncryptionAwsKms)
	equal(t, "its key", aws.ToString(out.SSEKMSKeyId), "arn:aws:kms:us-west-2:123456789012:key/1")
	w.refused(set("rot13", nil), "MalformedXML")
	w.refused(set(types.ServerSideEncryptionAes256, aws.String("key")), "InvalidArgument")
	_, err := w.DeleteBucketEncryption(ctx, &awss3.DeleteBucketEncryptionInput{Bucket: state})
	w.must(err)
	equal(t, "deleted", algorithm(), types.ServerSideEncryptionAes256)
}

func TestPublicAccessAndOwnership(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	pab, err := w.GetPublicAccessBlock(ctx, &awss3.GetPublicAccessBlockInput{Bucket: state})
	w.must(err)
	equal(t, "a new bucket's", *pab.PublicAccessBlockConfiguration.RestrictPublicBuckets, true)
	_, err = w.PutPublicAccessBlock(ctx, &awss3.PutPublicAccessBlockInput{Bucket: state, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}})
	w.must(err)
	pab, err = w.GetPublicAccessBlock(ctx, &awss3.GetPublicAccessBlockInput{Bucket: state})
	w.must(err)
	equal(t, "named", *pab.PublicAccessBlockConfiguration.BlockPublicAcls, true)
	equal(t, "left out", *pab.PublicAccessBlockConfiguration.BlockPublicPolicy, false)
	_, err = w.DeletePublicAccessBlock(ctx, &awss3.DeletePublicAccessBlockInput{Bucket: state})
	w.must(err)
	_, err = w.GetPublicAccessBlock(ctx, &awss3.GetPublicAccessBlockInput{Bucket: state})
	w.refused(err, "NoSuchPublicAccessBlockConfiguration")

	own, err := w.GetBucketOwnershipControls(ctx, &awss3.GetBucketOwnershipControlsInput{Bucket: state})
	w.must(err)
	equal(t, "ownership", own.OwnershipControls.Rules[0].ObjectOwnership, types.ObjectOwnershipBucketOwnerEnforced)
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, ACL: types.ObjectCannedACLPublicRead})
	w.refused(err, "NotImplemented")
	_, err = w.PutBucketOwnershipControls(ctx, &awss3.PutBucketOwnershipControlsInput{Bucket: state, OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: "Nobody"}}}})
	w.refused(err, "MalformedXML")
	_, err = w.PutBucketOwnershipControls(ctx, &awss3.PutBucketOwnershipControlsInput{Bucket: state, OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipObjectWriter}}}})
	w.must(err)
	_, err = w.DeleteBucketOwnershipControls(ctx, &awss3.DeleteBucketOwnershipControlsInput{Bucket: state})
	w.must(err)
	_, err = w.GetBucketOwnershipControls(ctx, &awss3.GetBucketOwnershipControlsInput{Bucket: state})
	w.refused(err, "OwnershipControlsNotFoundError")
}

func TestLifecycleSetting(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	set := func(rules ...types.LifecycleRule) error {
		_, err := w.PutBucketLifecycleConfiguration(ctx, &awss3.PutBucketLifecycleConfigurationInput{Bucket: state, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules}})
		return err
	}
	good := types.LifecycleRule{
		Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(90), NewerNoncurrentVersions: aws.Int32(10)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(7)},
		Expiration:                     &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
	}
	_, err := w.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: state})
	w.refused(err, "NoSuchLifecycleConfiguration")
	w.must(set(good))
	w.restart()
	got, err := w.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: state})
	w.must(err)
	r := got.Rules[0]
	if *r.NoncurrentVersionExpiration.NewerNoncurrentVersions != 10 || *r.AbortIncompleteMultipartUpload.DaysAfterInitiation != 7 || *r.ID == "" || *r.Filter.Prefix != "" || !*r.Expiration.ExpiredObjectDeleteMarker {
		t.Errorf("got the rule %+v", r)
	}
	idle, zero, twice := good, good, good
	idle.NoncurrentVersionExpiration, idle.AbortIncompleteMultipartUpload, idle.Expiration = nil, nil, nil
	zero.Expiration = &types.LifecycleExpiration{Days: aws.Int32(0)}
	twice.ID = aws.String("same")
	w.refused(set(idle), "InvalidRequest")
	w.refused(set(zero), "InvalidArgument")
	w.refused(set(twice, twice), "InvalidArgument")
	_, err = w.DeleteBucketLifecycle(ctx, &awss3.DeleteBucketLifecycleInput{Bucket: state})
	w.must(err)
	_, err = w.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: state})
	w.refused(err, "NoSuchLifecycleConfiguration")
}
