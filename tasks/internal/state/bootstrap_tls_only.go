package state

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// tlsOnly denies requests over plain HTTP. If the policy shuts out these very credentials, it is taken back and noted,
// because the state must be reachable. Emulators do so that are asked over plain HTTP or that ignore conditions.
func (b *bootstrap) tlsOnly(ctx context.Context) error {
	present, err := b.currentPolicy(ctx)
	if err != nil {
		return err
	}
	policy, changed, err := denyPlainHTTP(present, b.bucket)
	if err != nil || !changed {
		return err
	}
	open := b.admitted(ctx)
	if err := b.setPolicy(ctx, policy); err != nil {
		return fmt.Errorf("writing its policy: %w", err)
	}
	if !open || b.admitted(ctx) {
		b.report.Changes = append(b.report.Changes, "policy denies requests without TLS")
		return nil
	}
	if err := b.setPolicy(ctx, present); err != nil {
		return fmt.Errorf("taking back a policy that denies us access: %w", err)
	}
	b.report.Notes = append(b.report.Notes, "no TLS-only policy: at this endpoint it denies these credentials access, too")
	return nil
}

// currentPolicy is the bucket's policy, empty when it has none.
func (b *bootstrap) currentPolicy(ctx context.Context) (string, error) {
	out, err := b.api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	is, err := isSet(err, "NoSuchBucketPolicy", "policy")
	if !is {
		return "", err
	}
	return aws.ToString(out.Policy), nil
}

func (b *bootstrap) setPolicy(ctx context.Context, policy string) (err error) {
	if policy == "" {
		_, err = b.api.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	} else {
		in := s3.PutBucketPolicyInput{Bucket: b.name, ExpectedBucketOwner: b.owner, Policy: &policy}
		_, err = b.api.PutBucketPolicy(ctx, &in)
	}
	return err
}

// admitted reports whether objects of the bucket may be read: not found is an answer, 403 is a refusal.
func (b *bootstrap) admitted(ctx context.Context) bool {
	_, err := b.api.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: b.name, Key: aws.String("is-anybody-let-in"), ExpectedBucketOwner: b.owner,
	})
	return awserr.Status(err) != http.StatusForbidden
}
