package ecr_test

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/localaws"
)

// These tests use the real SDK and a real registry client against a local AWS with ECR's rules.

// registry is a local AWS with the repository "demo".
type registry struct {
	*awsecr.Client
	ctx        context.Context // of the test
	credential ecr.Credential
}

func serve(t *testing.T) registry {
	t.Helper()
	return serveWith(t, localaws.Options{})
}

// serveWith serves a local AWS with options, to a client as patient as the targets' own, and quicker.
func serveWith(t *testing.T, o localaws.Options) registry {
	t.Helper()
	o.Dir = t.TempDir()
	local, err := localaws.Open(o)
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
	client := awsecr.New(awsecr.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 20, time.Millisecond, ratelimit.None
			o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				return aws.BoolTernary(errors.Is(err, io.ErrUnexpectedEOF)) // an answer that was cut
			}))
		}),
	})
	if _, err := client.CreateRepository(t.Context(),
		&awsecr.CreateRepositoryInput{RepositoryName: aws.String("demo")}); err != nil {
		t.Fatal(err)
	}
	credential, err := ecr.Token(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return registry{client, t.Context(), credential}
}

// push writes an image or an index under a tag, or under its digest when the tag is empty.
func (r registry) push(t *testing.T, what remote.Taggable, tag string) {
	t.Helper()
	repository, err := name.NewRepository(r.credential.Host + "/demo")
	if err != nil {
		t.Fatal(err)
	}
	var ref name.Reference = repository.Tag(tag)
	digester, ok := what.(interface{ Digest() (v1.Hash, error) })
	if tag == "" && ok {
		digest, err := digester.Digest()
		if err != nil {
			t.Fatal(err)
		}
		ref = repository.Digest(digest.String())
	}
	auth := remote.WithAuth(&authn.Basic{Username: r.credential.Username, Password: r.credential.Password})
	switch what := what.(type) {
	case v1.Image:
		err = remote.Write(ref, what, auth)
	case v1.ImageIndex:
		err = remote.WriteIndex(ref, what, auth)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func image(t *testing.T) v1.Image {
	t.Helper()
	made, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func index(children ...mutate.Appendable) v1.ImageIndex {
	made := v1.ImageIndex(empty.Index)
	for _, child := range children {
		made = mutate.AppendManifests(made, mutate.IndexAddendum{Add: child})
	}
	return made
}

func TestLoginAgainstALocalAWS(t *testing.T) {
	r := serve(t)
	dir := t.TempDir()
	if _, err := ecr.Store(t.Context(), dir, r.credential, ecr.StoreOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", dir) // another client finds it there
	repository, err := name.NewRepository(r.credential.Host + "/demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := remote.List(repository, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		t.Errorf("listing tags with what %s holds: %v", filepath.Join(dir, "config.json"), err)
	}
}

// An index of indexes, tagged children, an untagged index and enough images for two batches; then the
// repository is empty enough to be deleted without force.
func TestCleanupAgainstALocalAWS(t *testing.T) {
	r := serve(t)
	child := image(t)
	inner := index(child, image(t))
	r.push(t, index(inner, image(t)), "outer")
	r.push(t, child, "child")
	r.push(t, inner, "inner")
	r.push(t, index(image(t)), "")
	for range 110 {
		r.push(t, image(t), "")
	}
	const want = 110 + 2 + 5 // lone images; an untagged index with its child; two indexes with three images
	arns := []string{"arn:aws:ecr:us-east-1:000000000000:repository/demo"}
	if _, err := ecr.Decide(t.Context(), r.Client, "demo",
		ecr.CleanupOptions{ExpectARNs: arns}); err == nil || !strings.Contains(err.Error(), "refusing") {
		t.Fatalf("err = %v for another region's ARN, want a refusal", err)
	}
	decision, err := ecr.Decide(t.Context(), r.Client, "demo", ecr.CleanupOptions{ExpectRegistry: "000000000000"})
	if err != nil {
		t.Fatal(err)
	}
	report, err := decision.Execute(t.Context(), r.Client, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(decision.Images) != want || report.Deleted != want {
		t.Errorf("report %+v, want %d found and deleted", report, want)
	}
	if _, err := r.DeleteRepository(t.Context(),
		&awsecr.DeleteRepositoryInput{RepositoryName: aws.String("demo")}); err != nil {
		t.Errorf("deleting the repository without force: %v", err)
	}
	if decision, err := ecr.Decide(t.Context(), r.Client, "demo", ecr.CleanupOptions{}); err != nil || !decision.Missing {
		t.Errorf("decision %+v, %v, want it missing", decision, err)
	}
}

func remoteHead(r registry, ref name.Reference) (*v1.Descriptor, error) {
	return remote.Head(ref,
		remote.WithAuth(&authn.Basic{Username: r.credential.Username, Password: r.credential.Password}))
}
