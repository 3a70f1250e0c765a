package contract_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"envoy-proxy-poc/tasks/localaws"
)

// cloud is who answers the probes.
type cloud struct {
	config                 aws.Config
	account                string
	ecr, registry, s3, sts string // addresses
}

// local is a local AWS of this process.
func local(t *testing.T) cloud {
	t.Helper()
	opened, err := localaws.Open(localaws.Options{Dir: t.TempDir(), Dialect: "ecr", Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return at(t, opened)
}

// at is whatever a handler answers.
func at(t *testing.T, handler http.Handler) cloud {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return cloud{
		config: aws.Config{
			Region: "us-west-2", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		},
		account: "000000000000", ecr: server.URL, registry: server.URL, s3: server.URL, sts: server.URL,
	}
}

// amazon is AWS, by the profile of the environment. What the run made is gone when the test ends.
func amazon(t *testing.T, prefix string) cloud {
	t.Helper()
	settings, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who, err := sts.NewFromConfig(settings).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatalf("AWS does not say who asks: %v", err)
	}
	region := settings.Region + ".amazonaws.com"
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
		defer cancel()
		err := errors.Join(dropRepositories(ctx, ecr.NewFromConfig(settings), prefix),
			dropBucket(ctx, s3.NewFromConfig(settings), prefix))
		if err != nil {
			t.Errorf("something of this run is left, look for %s: %v", prefix, err)
		}
	})
	return cloud{
		config: settings, account: *who.Account, ecr: "https://api.ecr." + region, s3: "https://s3." + region,
		sts: "https://sts." + region, registry: "https://" + *who.Account + ".dkr.ecr." + region,
	}
}

func dropRepositories(ctx context.Context, client *ecr.Client, prefix string) error {
	var failed []error
	pages := ecr.NewDescribeRepositoriesPaginator(client, &ecr.DescribeRepositoriesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, one := range page.Repositories {
			if strings.HasPrefix(*one.RepositoryName, prefix) {
				_, err := client.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: one.RepositoryName, Force: true})
				failed = append(failed, err)
			}
		}
	}
	return errors.Join(failed...)
}

// dropBucket deletes the bucket, which has few objects and no versions.
func dropBucket(ctx context.Context, client *s3.Client, bucket string) error {
	list, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	if missing := (*types.NoSuchBucket)(nil); errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, one := range list.Contents {
		if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: one.Key}); err != nil {
			return err
		}
	}
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	return err
}

// sign signs a request for a service.
func (c cloud) sign(r *http.Request, service, body string) error {
	keys, err := c.config.Credentials.Retrieve(r.Context())
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(body))
	digest := hex.EncodeToString(sum[:])
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", digest)
	}
	return v4.NewSigner().SignHTTP(r.Context(), keys, r, digest, service, c.config.Region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
}

// randomPrefix begins the names of all that a run makes.
func randomPrefix() string { return "contract-" + strings.ToLower(rand.Text()[:10]) }
