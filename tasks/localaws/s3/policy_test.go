package s3

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestBucketPolicy(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	set := func(text string) error {
		_, err := w.PutBucketPolicy(ctx, &awss3.PutBucketPolicyInput{Bucket: state, Policy: &text})
		return err
	}
	_, err := w.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: state})
	w.refused(err, "NoSuchBucketPolicy")
	tlsOnly := `{"Version":"2012-10-17","Statement":[{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::state","arn:aws:s3:::state/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	w.must(set(tlsOnly))
	w.restart()
	got, err := w.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: state})
	w.must(err)
	equal(t, "policy", *got.Policy, tlsOnly)

	public := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::state/*"}}`
	w.refused(set(public), "AccessDenied")
	_, err = w.DeletePublicAccessBlock(ctx, &awss3.DeletePublicAccessBlockInput{Bucket: state})
	w.must(err)
	w.must(set(public))

	for name, broken := range map[string]string{
		"no JSON":             `state`,
		"no statement":        `{"Version":"2012-10-17"}`,
		"no principal":        strings.Replace(tlsOnly, `"Principal":"*",`, "", 1),
		"unknown element":     strings.Replace(tlsOnly, `"Sid"`, `"Sed"`, 1),
		"another bucket's":    strings.ReplaceAll(tlsOnly, ":::state", ":::other"),
		"another service's":   strings.Replace(tlsOnly, "s3:*", "ec2:*", 1),
		"a prefix of ours":    strings.ReplaceAll(tlsOnly, ":::state", ":::state2"),
		"an invented version": strings.Replace(tlsOnly, "2012-10-17", "2026-01-01", 1),
	} {
		t.Run(name, func(*testing.T) { w.refused(set(broken), "MalformedPolicy") })
	}
	_, err = w.DeleteBucketPolicy(ctx, &awss3.DeleteBucketPolicyInput{Bucket: state})
	w.must(err)
	_, err = w.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: state})
	w.refused(err, "NoSuchBucketPolicy")
}

func TestBucketTagging(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	_, err := w.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: state})
	w.refused(err, "NoSuchTagSet")
	set := func(tags ...types.Tag) error {
		_, err := w.PutBucketTagging(ctx, &awss3.PutBucketTaggingInput{Bucket: state, Tagging: &types.Tagging{TagSet: tags}})
		return err
	}
	one := types.Tag{Key: aws.String("Project"), Value: aws.String("<envoy & co>")}
	w.must(set(one))
	got, err := w.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: state})
	w.must(err)
	equal(t, "tag", *got.TagSet[0].Value, *one.Value)
	w.refused(set(one, one), "InvalidTag")
	w.refused(set(types.Tag{Key: aws.String("aws:x"), Value: aws.String("")}), "InvalidTag")
	var many []types.Tag
	for i := range maxTags + 1 {
		many = append(many, types.Tag{Key: aws.String(fmt.Sprint(i)), Value: aws.String("")})
	}
	w.refused(set(many...), "BadRequest")
	_, err = w.DeleteBucketTagging(ctx, &awss3.DeleteBucketTaggingInput{Bucket: state})
	w.must(err)
	_, err = w.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: state})
	w.refused(err, "NoSuchTagSet")
}
