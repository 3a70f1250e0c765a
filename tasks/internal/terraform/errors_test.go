package terraform

import (
	"errors"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/statelock"
)

// What terraform 1.11.4 really says.
const (
	saysLocked = `
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error
StatusCode: 412, RequestID: 3aGaDLn3ozkwngClCLNlyagSRUNy8vbuJpP0ZQAbOJSKLbMlirkF,
api error PreconditionFailed: At least one of the pre-conditions you
specified did not hold
Lock Info:
  ID:        11111111-2222-3333-4444-555555555555
  Path:      state/04/terraform.tfstate
  Operation: OperationTypeApply
  Who:       ci@runner 1
  Version:   1.11.4
  Created:   2026-11-23 00:40:00.123456789 +0000 UTC
  Info:      


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.
`
	saysNoBucket = `
Error: Failed to get existing workspaces: S3 bucket "state" does not exist.

The referenced S3 bucket must have been previously created. If the S3 bucket
was created within the last minute, please wait for a minute or two and try
again.

Error: operation error S3: ListObjectsV2, https response error StatusCode: 404, RequestID: MER6, NoSuchBucket: 
`
	saysProviders = `
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider
hashicorp/null: could not connect to registry.terraform.io: failed to request
discovery document: Get
"https://registry.terraform.io/.well-known/terraform.json": dial tcp: lookup
registry.terraform.io on 10.255.255.53:53: no such host
`
	saysBoxed = "\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m \x1b[1mError: api error\n│ ExpiredToken: the token " +
		"has expired\x1b[0m\n╵\n"
)

func TestDiagnose(t *testing.T) {
	tests := []struct {
		name, stderr string
		want         error
		text         string
	}{
		{"bucket", saysNoBucket, awserr.ErrNoBucket, "opening the state: the bucket does not exist"},
		{
			"bucket, broken line", "Error: S3 bucket\n\"state\" does not\nexist.", awserr.ErrNoBucket,
			"opening the state: the bucket does not exist",
		},
		{"providers", saysProviders, ErrProviders, "a provider cannot be installed"},
		{
			"a data folder of another checksum", "Error: Required plugins are not installed\n\nthe cached package for " +
				"registry.terraform.io/hashicorp/aws 5.100.0 (in .terraform/providers) does not match any of the checksums " +
				"recorded in the dependency lock file", ErrNotInitialised, "terraform wants to be initialised",
		},
		{
			"another checksum", "Error: Failed to install provider\n\nError while installing hashicorp/aws v5.100.0: the local " +
				"package for registry.terraform.io/hashicorp/aws 5.100.0\ndoesn't match any of the checksums previously " +
				"recorded in the dependency lock file", ErrChecksum, "a provider does not match .terraform.lock.hcl",
		},
		{
			"providers of a platform",
			"Error: Could not retrieve providers for locking\n\nTerraform failed to fetch the requested providers for " +
				"darwin_amd64",
			ErrProviders, "a provider cannot be installed",
		},
		{
			"expired", "Error: reading ECR Repository: operation error ECR: DescribeRepositories, https response error\n" +
				"StatusCode: 400, RequestID: 1, api error ExpiredTokenException:\nexpired",
			ErrExpired, "the credentials have expired",
		},
		{"expired, boxed and coloured", saysBoxed, ErrExpired, "the credentials have expired"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := diagnose(test.stderr)
			if !errors.Is(got, test.want) || got.Error() != test.text {
				t.Errorf("diagnose = %v, want %q", got, test.text)
			}
		})
	}
	for _, other := range []string{
		"", "Error: Invalid expression\n",
		"Error: Error acquiring the state lock\n\nopening it: permission denied",
	} {
		if got := diagnose(other); got != nil {
			t.Errorf("diagnose(%q) = %v, want nil", other, got)
		}
	}
}

func TestLockedError(t *testing.T) {
	tf, _ := fake(t, "stderr", Options{Env: map[string]string{"FAKE_STDERR": saysLocked}, Stderr: &watched{}})
	err := tf.Apply(t.Context(), "x")
	var locked *LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("Apply = %v, want a *LockedError", err)
	}
	want := LockedError{statelock.Lock{
		ID: "11111111-2222-3333-4444-555555555555", Path: "state/04/terraform.tfstate", Who: "ci@runner 1",
		Operation: "OperationTypeApply", Version: "1.11.4", Created: time.Date(2026, 11, 23, 0, 40, 0, 123456789, time.UTC),
	}}
	if !locked.Created.Equal(want.Created) {
		t.Errorf("Created = %v, want %v", locked.Created, want.Created)
	}
	want.Created = locked.Created
	if *locked != want {
		t.Errorf("lock = %+v, want %+v", *locked, want)
	}
	text := "running terraform apply: the state is locked by ci@runner 1 since 2026-11-23T00:40:00Z " +
		"(OperationTypeApply, Terraform 1.11.4, lock 11111111-2222-3333-4444-555555555555)"
	if err.Error() != text {
		t.Errorf("error = %q, want %q", err, text)
	}
}
