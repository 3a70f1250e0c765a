package state_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/localaws"
)

// These tests use the real SDK against a local AWS.

// serve starts a local AWS and returns how to get a client of a region.
func serve(t *testing.T) func(region string) *s3.Client {
	t.Helper()
	local, err := localaws.Open(localaws.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(local)
	t.Cleanup(func() {
		server.Close()
		if err := local.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(region string) *s3.Client {
		return s3.New(s3.Options{
			Region: region, BaseEndpoint: &server.URL, UsePathStyle: true,
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		})
	}
}

func TestBootstrapAgainstALocalAWS(t *testing.T) {
	clients := serve(t)
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		t.Run(region, func(t *testing.T) {
			client := clients(region)
			b := state.Bucket{Name: "demo-" + region, Region: region, Account: "000000000000"}
			if err := state.Check(t.Context(), client, b); !errors.Is(err, awserr.ErrNoBucket) {
				t.Fatalf("err = %v, want awserr.ErrNoBucket", err)
			}
			report, err := state.Bootstrap(t.Context(), client, b)
			if err != nil || !report.Created {
				t.Fatalf("report %+v, %v, want it created", report, err)
			}
			again, err := state.Bootstrap(t.Context(), client, b)
			if err != nil || again.Changed() || len(again.Notes) > 0 {
				t.Errorf("the second run: %+v, %v, want nothing changed", again, err)
			}
			if err := state.Check(t.Context(), client, b); err != nil {
				t.Error(err)
			}
			versioning, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: &b.Name})
			if err != nil || versioning.Status != "Enabled" {
				t.Errorf("versioning %v, %v, want Enabled", versioning, err)
			}
			policy, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &b.Name})
			if err != nil || !strings.Contains(aws.ToString(policy.Policy), "aws:SecureTransport") {
				t.Errorf("policy %v, %v, want one about TLS", policy, err)
			}
		})
	}
}

func TestCheckAgainstALocalAWS(t *testing.T) {
	clients := serve(t)
	b := state.Bucket{Name: "demo", Region: "eu-central-1"}
	if _, err := state.Bootstrap(t.Context(), clients(b.Region), b); err != nil {
		t.Fatal(err)
	}
	b.Region = "us-west-2"
	err := state.Check(t.Context(), clients(b.Region), b)
	if err == nil || !strings.Contains(err.Error(), "it is in eu-central-1, not in us-west-2") {
		t.Errorf("err = %v from another region, want both named", err)
	}
	b = state.Bucket{Name: "demo", Region: "eu-central-1", Account: "999999999999", Reason: "which somebody pins"}
	const foreign = "it is not account 999999999999's, which somebody pins, or these credentials lack"
	if err := state.Check(t.Context(), clients(b.Region), b); err == nil || !strings.Contains(err.Error(),
		"access denied: "+foreign) {
		t.Errorf("err = %v for another owner, want access denied", err)
	}
	if _, err := state.Read(t.Context(), clients(b.Region), b, "key"); err == nil || !strings.Contains(err.Error(),
		foreign) {
		t.Errorf("err = %v for another owner's object, want %q", err, foreign)
	}
}

func TestReadAgainstALocalAWS(t *testing.T) {
	client := serve(t)("eu-central-1")
	b := state.Bucket{Name: "demo", Region: "eu-central-1"}
	if _, err := state.Read(t.Context(), client, b, "key"); !errors.Is(err, awserr.ErrNoBucket) {
		t.Errorf("err = %v, want awserr.ErrNoBucket", err)
	}
	if _, err := state.Bootstrap(t.Context(), client, b); err != nil {
		t.Fatal(err)
	}
	if lock, err := state.Lock(t.Context(), client, b, "key"); lock != nil || err != nil {
		t.Errorf("Lock = %v, %v, want nobody", lock, err)
	}
	put := &s3.PutObjectInput{
		Bucket: &b.Name, Key: aws.String("key.tflock"),
		Body: strings.NewReader(`{"ID":"1","Who":"ada@laptop"}`),
	}
	if _, err := client.PutObject(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	if lock, err := state.Lock(t.Context(), client, b, "key"); err != nil || lock == nil || lock.Who != "ada@laptop" {
		t.Errorf("Lock = %v, %v, want ada", lock, err)
	}
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b.Name, Key: put.Key}); err != nil {
		t.Fatal(err)
	}
	if lock, err := state.Lock(t.Context(), client, b, "key"); lock != nil || err != nil { // now under a delete marker
		t.Errorf("Lock = %v, %v after its release, want nobody", lock, err)
	}
}
