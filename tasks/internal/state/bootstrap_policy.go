package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// tlsOnly denies requests over plain HTTP. If the policy shuts out these very credentials, as at emulators that are
// asked over plain HTTP or ignore conditions, it is taken back and noted: the state must be reachable.
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
		b.report.Changes = append(b.report.Changes, "TLS only")
		return nil
	}
	if err := b.setPolicy(ctx, present); err != nil {
		return fmt.Errorf("taking back a policy that denies us access: %w", err)
	}
	b.report.Notes = append(b.report.Notes, "no TLS-only policy: at this endpoint it denies these credentials access, too")
	return nil
}

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

const tlsSid = "DenyInsecureTransport"

// denyPlainHTTP adds to a bucket policy, which may be empty, a statement that denies requests without TLS.
func denyPlainHTTP(policy string, b Bucket) (result string, changed bool, err error) {
	document, statements, err := parsePolicy(policy)
	if err != nil {
		return "", false, fmt.Errorf("reading its policy: %w", err)
	}
	taken := map[any]bool{} // the names of its statements: S3 refuses a name twice
	for _, raw := range statements {
		var present map[string]any
		if json.Unmarshal(raw, &present) != nil {
			continue // a form of statement that is not known here is not the one looked for
		}
		sid := present["Sid"]
		taken[sid] = true
		if delete(present, "Sid"); reflect.DeepEqual(present, tlsStatement(b)) {
			return policy, false, nil
		}
	}
	add := tlsStatement(b)
	add["Sid"] = tlsSid
	for i := 2; taken[add["Sid"]]; i++ {
		add["Sid"] = fmt.Sprint(tlsSid, i)
	}
	added, err := json.Marshal(add)
	if err != nil {
		return "", false, err
	}
	if document["Statement"], err = json.Marshal(append(statements, added)); err != nil {
		return "", false, err
	}
	text, err := json.Marshal(document)
	return string(text), true, err
}

func parsePolicy(policy string) (document map[string]json.RawMessage, statements []json.RawMessage, err error) {
	if policy == "" {
		return map[string]json.RawMessage{"Version": json.RawMessage(`"2012-10-17"`)}, nil, nil
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return nil, nil, err
	}
	if document == nil {
		return nil, nil, errors.New("it is null")
	}
	statements, err = rawList(document["Statement"])
	return document, statements, err
}

func tlsStatement(b Bucket) map[string]any {
	bucket := "arn:" + Partition(b.Region) + ":s3:::" + b.Name
	return map[string]any{
		"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []any{bucket, bucket + "/*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
}

// rawList is the values of a JSON list, or the one value that stands for it.
func rawList(text json.RawMessage) ([]json.RawMessage, error) {
	switch text = bytes.TrimSpace(text); {
	case len(text) == 0, string(text) == "null":
		return nil, nil
	case text[0] != '[':
		return []json.RawMessage{text}, nil
	}
	var values []json.RawMessage
	err := json.Unmarshal(text, &values)
	return values, err
}

// Partition is the part of AWS that a region is in, as ARNs name it.
func Partition(region string) string {
	for prefix, name := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b",
		"us-isof-": "aws-iso-f", "eu-isoe-": "aws-iso-e", "eusc-": "aws-eusc",
	} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "aws"
}
