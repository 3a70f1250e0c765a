package localaws_test

import (
	"context"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/localaws"
)

const (
	dev  = "local" // a key of the first account
	prod = "210987654321"
)

// home is a local AWS that can have several accounts.
type home struct {
	t       *testing.T
	dir     string
	serving *localaws.Serving
}

func (h *home) start() {
	h.t.Helper()
	var err error
	h.serving, err = localaws.Home{Dir: h.dir, Kind: "serve"}.Start(h.t.Context())
	wantOK(h.t, err)
}

func (h *home) close() { wantOK(h.t, h.serving.Close(context.WithoutCancel(h.t.Context()))) }

func (h *home) ecr(key string) *ecr.Client {
	return ecr.New(ecr.Options{
		Region: region, BaseEndpoint: &h.serving.URL, Retryer: aws.NopRetryer{}, HTTPClient: sdkHTTP,
		Credentials: credentials.NewStaticCredentialsProvider(key, "local", ""),
	})
}

// repository makes one, and returns its address.
func (h *home) repository(key, named string) string {
	h.t.Helper()
	made, err := h.ecr(key).CreateRepository(h.t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &named})
	wantOK(h.t, err)
	return *made.Repository.RepositoryUri
}

// login is the password of an access key, and the address that comes with it.
func (h *home) login(key string) (remote.Option, string) {
	h.t.Helper()
	got, err := h.ecr(key).GetAuthorizationToken(h.t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(h.t, err)
	text, err := base64.StdEncoding.DecodeString(*got.AuthorizationData[0].AuthorizationToken)
	wantOK(h.t, err)
	user, password, _ := strings.Cut(string(text), ":")
	at, err := url.Parse(*got.AuthorizationData[0].ProxyEndpoint)
	wantOK(h.t, err)
	return remote.WithAuth(&authn.Basic{Username: user, Password: password}), at.Host
}

func tagAt(t *testing.T, repository, tag string) name.Tag {
	t.Helper()
	ref, err := name.NewTag(repository+":"+tag, name.Insecure)
	wantOK(t, err)
	return ref
}

// TestAccounts pushes to a repository of another account, and pulls from it with a password of the first: nothing of
// that goes before the policy of the repository allows it, and only what it allows goes then.
func TestAccounts(t *testing.T) {
	h := &home{t: t, dir: t.TempDir()}
	h.start()
	own, other := h.repository(dev, "app"), h.repository(prod, "app")
	devHost, prodHost := strings.TrimSuffix(own, "/app"), strings.TrimSuffix(other, "/app")
	if devHost == prodHost {
		t.Fatalf("both accounts have their registry at %s", devHost)
	}
	devLogin, host := h.login(dev)
	if host != devHost {
		t.Errorf("GetAuthorizationToken leads to %s, want %s", host, devHost)
	}
	prodLogin, host := h.login(prod)
	if host != prodHost {
		t.Errorf("GetAuthorizationToken of %s leads to %s, want %s", prod, host, prodHost)
	}
	image, err := random.Image(1000, 2)
	wantOK(t, err)
	wantOK(t, remote.Write(tagAt(t, other, "v1"), image, prodLogin))
	if _, err := remote.Head(tagAt(t, own, "v1"), devLogin); err == nil {
		t.Error("the image is in the other account's repository of that name too")
	}
	describe := &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), RegistryId: aws.String(prod)}
	_, err = h.ecr(dev).DescribeImages(t.Context(), describe)
	wantCode(t, err, "AccessDeniedException")
	if _, err := remote.Image(tagAt(t, other, "v1"), devLogin); err == nil || !strings.Contains(err.Error(), "DENIED") {
		t.Errorf("pulling without a policy: %v, want DENIED", err)
	}

	policy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},` +
		`"Action":["ecr:DescribeImages","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}}`
	_, err = h.ecr(prod).SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{
		RepositoryName: aws.String("app"), PolicyText: &policy,
	})
	wantOK(t, err)
	found, err := h.ecr(dev).DescribeImages(t.Context(), describe)
	wantOK(t, err)
	if len(found.ImageDetails) != 1 || *found.ImageDetails[0].RegistryId != prod {
		t.Errorf("DescribeImages = %+v, want one of %s", found.ImageDetails, prod)
	}
	pulled, err := remote.Image(tagAt(t, other, "v1"), devLogin)
	wantOK(t, err)
	layers, err := pulled.Layers()
	wantOK(t, err)
	content, err := layers[0].Compressed()
	wantOK(t, err)
	wantOK(t, content.Close())
	if err := remote.Write(tagAt(t, other, "v2"), image, devLogin); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("pushing where a pull is allowed: %v, want 403", err)
	}
	_, err = h.ecr(dev).ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: aws.String("app"), RegistryId: aws.String(prod)})
	wantCode(t, err, "AccessDeniedException")

	h.close()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", prodHost)
	wantOK(t, err)
	h.start() // another program has the port of the one account; the other works
	h.login(dev)
	_, err = h.ecr(prod).DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("app")})
	wantCode(t, err, "UnrecognizedClientException")
	h.close()
	wantOK(t, taken.Close())
	h.start() // the address belongs to the account, and answers before anybody has called the API
	defer h.close()
	if _, err := remote.Image(tagAt(t, other, "v1"), devLogin); err != nil {
		t.Errorf("pulling after another start: %v", err)
	}
}

// TestBucketsHaveOwners: no account sees, reads or takes the bucket of another.
func TestBucketsHaveOwners(t *testing.T) {
	h := &home{t: t, dir: t.TempDir()}
	h.start()
	defer h.close()
	client := func(key string) *s3.Client {
		return s3.New(s3.Options{
			Region: region, BaseEndpoint: &h.serving.URL, UsePathStyle: true, Retryer: aws.NopRetryer{}, HTTPClient: sdkHTTP,
			Credentials: credentials.NewStaticCredentialsProvider(key, "local", ""),
		})
	}
	create := func(key, bucket string) error {
		_, err := client(key).CreateBucket(t.Context(), &s3.CreateBucketInput{
			Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
		})
		return err
	}
	wantOK(t, create(prod, "prod-states"))
	wantOK(t, create(dev, "dev-states"))
	_, err := client(prod).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("prod-states"), Key: aws.String("k"), Body: strings.NewReader("x"),
	})
	wantOK(t, err)
	wantCode(t, create(dev, "prod-states"), "BucketAlreadyExists")
	_, err = client(dev).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("prod-states"), Key: aws.String("k")})
	wantCode(t, err, "AccessDenied")
	_, err = client(dev).CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: aws.String("dev-states"), Key: aws.String("k"), CopySource: aws.String("prod-states/k"),
	})
	wantCode(t, err, "AccessDenied")
	listed, err := client(dev).ListBuckets(t.Context(), &s3.ListBucketsInput{})
	wantOK(t, err)
	if len(listed.Buckets) != 1 || *listed.Buckets[0].Name != "dev-states" {
		t.Errorf("the first account lists %v, want its own bucket", listed.Buckets)
	}
}

// TestAccountsAreFew makes more accounts than there may be.
func TestAccountsAreFew(t *testing.T) {
	h := &home{t: t, dir: t.TempDir()}
	h.start()
	defer h.close()
	var err error
	for i := 0; i < 20 && err == nil; i++ {
		_, err = h.ecr("1000000000"+string(rune('0'+i/10))+string(rune('0'+i%10))).DescribeRegistry(t.Context(), &ecr.DescribeRegistryInput{})
	}
	wantCode(t, err, "UnrecognizedClientException")
}
