package state

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// tlsOnly sees to it that requests over plain HTTP are denied. A policy that turns out to shut out these very
// credentials, as it does at emulators that are strict about policies and are spoken to over plain HTTP, or
// that take no notice of conditions, is taken back and noted: the state must stay within reach.
func tlsOnly(ctx context.Context, api BootstrapAPI, b Bucket, report *Report) error {
	present, err := currentPolicy(ctx, api, b)
	if err != nil {
		return err
	}
	policy, changed, err := denyPlainHTTP(present, b)
	if err != nil || !changed {
		return err
	}
	open := admitted(ctx, api, b)
	if err := setPolicy(ctx, api, b, policy); err != nil {
		return fmt.Errorf("writing its policy: %w", err)
	}
	if !open || admitted(ctx, api, b) {
		report.Changes = append(report.Changes, "policy denies requests without TLS")
		return nil
	}
	if err := setPolicy(ctx, api, b, present); err != nil {
		return fmt.Errorf("taking back a policy that denies us access: %w", err)
	}
	report.Notes = append(report.Notes, "no TLS-only policy: at this endpoint it denies these credentials access, too")
	return nil
}

// currentPolicy is the bucket's policy, empty when it has none.
func currentPolicy(ctx context.Context, api BootstrapAPI, b Bucket) (string, error) {
	out, err := api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	switch {
	case awserr.Code(err) == "NoSuchBucketPolicy":
		return "", nil
	case err != nil:
		return "", fmt.Errorf("reading its policy: %w", err)
	}
	return aws.ToString(out.Policy), nil
}

func setPolicy(ctx context.Context, api BootstrapAPI, b Bucket, policy string) error {
	if policy == "" {
		_, err := api.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
		return err
	}
	_, err := api.PutBucketPolicy(ctx,
		&s3.PutBucketPolicyInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(), Policy: &policy})
	return err
}

// admitted reports whether objects of the bucket may be read: not found is an answer, 403 is a refusal.
func admitted(ctx context.Context, api BootstrapAPI, b Bucket) bool {
	_, err := api.HeadObject(ctx,
		&s3.HeadObjectInput{Bucket: &b.Name, Key: aws.String("is-anybody-let-in"), ExpectedBucketOwner: b.owner()})
	return awserr.Status(err) != http.StatusForbidden
}
