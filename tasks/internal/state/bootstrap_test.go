package state

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"envoy-proxy-poc/tasks/internal/awserr"
)

var demo = Bucket{Name: "demo", Region: "eu-central-1", Place: "backend.tf"}

func encryption(algorithm types.ServerSideEncryption) *types.ServerSideEncryptionConfiguration {
	return &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: algorithm},
	}}}
}

func blocked(policies bool) *types.PublicAccessBlockConfiguration {
	yes := aws.Bool(true)
	return &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
		BlockPublicPolicy: &policies,
	}
}

func TestBootstrapWritesOnlyWhatDiffers(t *testing.T) {
	policy, _, err := denyPlainHTTP("", demo)
	if err != nil {
		t.Fatal(err)
	}
	enforce := types.ObjectOwnershipBucketOwnerEnforced
	kept := []types.LifecycleRule{{ID: aws.String(historyRule), Status: "Disabled"}}
	own := []types.Tag{{Key: aws.String("Project"), Value: aws.String("of the owner's choice")}}
	tests := map[string]struct {
		bucket bucket
		region string
		want   []string
	}{
		"nothing there": {
			bucket{},
			"eu-central-1",
			[]string{"create eu-central-1", "block", "encryption", "versioning", "policy", "lifecycle"},
		},
		"in us-east-1": {
			bucket{},
			"us-east-1",
			[]string{"create ", "block", "encryption", "versioning", "policy", "lifecycle"},
		},
		"as AWS makes them": {
			bucket{exists: true, block: blocked(true), encryption: encryption("AES256"), ownership: enforce},
			"eu-central-1",
			[]string{"versioning", "policy", "lifecycle", "tags"},
		},
		"with a key of its own": {bucket{
			exists: true, block: blocked(true), encryption: encryption("aws:kms"), versioning: "Enabled", policy: policy,
			ownership: enforce, rules: kept, tags: own,
		}, "eu-central-1", nil},
		"half open, suspended": {bucket{
			exists: true, block: blocked(false), encryption: encryption("AES256"), versioning: "Suspended", policy: policy,
			ownership: "ObjectWriter", rules: kept, tags: own,
		}, "eu-central-1", []string{"block", "versioning", "ownership"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &test.bucket
			there := b.exists
			report, err := Bootstrap(t.Context(), ClientOf(b),
				Bucket{Name: "demo", Region: test.region, Tags: map[string]string{"Project": "p"}})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(b.writes, test.want) {
				t.Errorf("wrote %q, want %q", b.writes, test.want)
			}
			settings := len(test.want)
			if !there {
				settings--
			}
			if report.Created == there || len(report.Changes) != settings || report.Changed() != (len(test.want) > 0) ||
				len(report.Notes) > 0 {
				t.Errorf("report %+v, want %d settings changed", report, settings)
			}
			b.writes = nil
			if again, err := Bootstrap(t.Context(), ClientOf(b),
				Bucket{
					Name: "demo", Region: test.region,
					Tags: map[string]string{"Project": "p"},
				}); err != nil || again.Changed() || len(b.writes) > 0 {
				t.Errorf("the second run: %+v, %v, wrote %q, want nothing", again, err, b.writes)
			}
		})
	}
}

func TestBootstrapExpectsTheOwner(t *testing.T) {
	b := &bucket{exists: true}
	account := demo
	account.Account = "123456789012"
	if _, err := Bootstrap(t.Context(), ClientOf(b), account); err != nil {
		t.Fatal(err)
	}
	if !b.owners["123456789012"] || len(b.owners) != 1 {
		t.Errorf("owners expected: %v, want the account in every call", b.owners)
	}
}

// A policy that denies whoever wrote it is taken back, and what was there before is there again.
func TestBootstrapTakesBackAPolicyThatLocksUsOut(t *testing.T) {
	for _, before := range []string{"", `{"Version":"2012-10-17","Statement":[]}`} {
		b := &bucket{exists: true, lockout: true, policy: before}
		report, err := Bootstrap(t.Context(), ClientOf(b), demo)
		if err != nil || b.policy != before || len(report.Notes) != 1 || slices.Contains(report.Changes,
			"TLS only") {
			t.Errorf("policy %q, report %+v, %v, want %q and a note", b.policy, report, err, before)
		}
	}
}

func TestBootstrapErrors(t *testing.T) {
	tests := map[string]struct {
		bucket bucket
		says   []string
	}{
		"somebody else's": {
			bucket{head: func() error { return status(403, "eu-central-1") }},
			[]string{"access denied", "AWS_PROFILE=NAME"},
		},
		"in another region": {
			bucket{head: func() error { return status(301, "us-west-2") }},
			[]string{"us-west-2", "eu-central-1", "backend.tf"},
		},
		"in a region unnamed": {
			bucket{head: func() error { return status(301, "") }},
			[]string{"another region", "eu-central-1"},
		},
		"signed for another": {
			bucket{head: func() error { return status(400, "us-west-2") }},
			[]string{"us-west-2", "eu-central-1"},
		},
		"perhaps expired": {bucket{head: func() error { return status(400, "") }}, []string{"expired"}},
		"out of order":    {bucket{head: func() error { return status(500, "") }}, []string{"Internal Server Error"}},
		"name taken": {
			bucket{create: func(*s3.CreateBucketInput) error { return &types.BucketAlreadyExists{} }},
			[]string{"taken by another account", "backend.tf"},
		},
		"not allowed to create": {
			bucket{create: func(*s3.CreateBucketInput) error { return coded("AccessDenied") }},
			[]string{"creating", "eu-central-1", "AccessDenied"},
		},
		"policy is no JSON":      {bucket{exists: true, policy: "{"}, []string{"reading its policy"}},
		"policy is null":         {bucket{exists: true, policy: "null"}, []string{"reading its policy"}},
		"statement is no object": {bucket{exists: true, policy: `{"Statement":[1}`}, []string{"reading its policy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Bootstrap(t.Context(), ClientOf(&test.bucket), demo)
			if err == nil {
				t.Fatal("no error")
			}
			for _, word := range append(test.says, `"demo"`) {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("err = %v, want %q in it", err, word)
				}
			}
		})
	}
}

// Somebody of the same account was faster: the bucket is adopted.
func TestBootstrapWhileAnotherCreates(t *testing.T) {
	b := &bucket{}
	b.create = func(*s3.CreateBucketInput) error {
		b.exists = true
		return &types.BucketAlreadyOwnedByYou{}
	}
	report, err := Bootstrap(t.Context(), ClientOf(b), demo)
	if err != nil || report.Created || len(report.Changes) != 6 {
		t.Errorf("report %+v, %v, want it adopted", report, err)
	}
}

func TestCheck(t *testing.T) {
	err := Check(t.Context(), ClientOf(&bucket{}), demo)
	if !errors.Is(err, awserr.ErrNoBucket) || strings.Contains(err.Error(), "hint") {
		t.Errorf("err = %v, want awserr.ErrNoBucket without a hint: the caller knows which target makes the bucket", err)
	}
	if err := Check(t.Context(), ClientOf(&bucket{exists: true}), demo); err != nil {
		t.Errorf("err = %v for a bucket that is there", err)
	}
}

func TestBootstrapKeepsWhatIsTheOwners(t *testing.T) {
	b := &bucket{
		exists: true, rules: []types.LifecycleRule{{ID: aws.String("theirs"), Status: types.ExpirationStatusEnabled}},
		tags: []types.Tag{{Key: aws.String("Theirs"), Value: aws.String("1")}},
	}
	tagged := demo
	tagged.Tags = map[string]string{"Project": "p"}
	if _, err := Bootstrap(t.Context(), ClientOf(b), tagged); err != nil {
		t.Fatal(err)
	}
	if len(b.rules) != 2 || *b.rules[0].ID != "theirs" || len(b.tags) != 2 || *b.tags[0].Key != "Theirs" ||
		*b.tags[1].Value != "p" {
		t.Errorf("rules %v, tags %v, want theirs and ours", b.rules, b.tags)
	}
}

func TestBootstrapLeavesAccessListsThatAreInUse(t *testing.T) {
	b := &bucket{exists: true, shared: true}
	report, err := Bootstrap(t.Context(), ClientOf(b), demo)
	if err != nil || len(report.Notes) != 1 || b.ownership != "" {
		t.Errorf("report %+v, %v, ownership %q, want a note", report, err, b.ownership)
	}
}

func TestBootstrapNotesWhatAnEmulatorLacks(t *testing.T) {
	for _, lacks := range []string{"ownership", "lifecycle"} {
		b := &bucket{exists: true, lacks: lacks}
		report, err := Bootstrap(t.Context(), ClientOf(b), demo)
		if err != nil || len(report.Notes) != 1 || b.policy == "" {
			t.Errorf("without %s: %+v, %v, want a note and the rest done", lacks, report, err)
		}
	}
}
