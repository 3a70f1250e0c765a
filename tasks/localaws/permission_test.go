package localaws_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/localaws"
)

// recorder keeps the permissions that were needed, each once, sorted.
type recorder struct {
	mu     sync.Mutex
	needed []string
}

func (r *recorder) record(p localaws.Permission) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.needed = append(r.needed, strings.TrimSpace(p.Action+" "+p.Resource))
}

// take returns what was recorded since the last time.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	needed := r.needed
	r.needed = nil
	slices.Sort(needed)
	return slices.Compact(needed)
}

func TestPermissions(t *testing.T) {
	var needed recorder
	l := start(t, localaws.Options{Record: needed.record})
	_, err := l.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: aws.String("team/app"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	wantOK(t, err) // the body is read twice
	wantNeeded(t, &needed, "ecr:CreateRepository repository/team/app", "ecr:TagResource repository/team/app")
	_, err = l.ecr().TagResource(t.Context(), &ecr.TagResourceInput{
		ResourceArn: aws.String("arn:aws:ecr:us-west-2:000000000000:repository/team/app"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("c")}},
	})
	wantOK(t, err)
	wantNeeded(t, &needed, "ecr:TagResource repository/team/app")
	_, err = l.ecr().DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	wantOK(t, err)
	wantNeeded(t, &needed, "ecr:DescribeRepositories")

	for _, one := range []struct {
		method, path, body, want string
	}{
		{"GET", "/v2/", "", ""},
		{"HEAD", "/v2/team/app/blobs/sha256:0", "", "ecr:BatchCheckLayerAvailability repository/team/app"},
		{"GET", "/v2/team/app/blobs/sha256:0", "", "ecr:GetDownloadUrlForLayer repository/team/app"},
		{"POST", "/v2/team/app/blobs/uploads/", "", "ecr:InitiateLayerUpload repository/team/app"},
		{"POST", "/v2/a/blobs/uploads/?mount=sha256:0&from=b/c", "", "ecr:GetDownloadUrlForLayer repository/b/c, ecr:InitiateLayerUpload repository/a"},
		{"PATCH", "/v2/team/app/blobs/uploads/1", "x", "ecr:UploadLayerPart repository/team/app"},
		{"PUT", "/v2/team/app/blobs/uploads/1?digest=sha256:0", "", "ecr:CompleteLayerUpload repository/team/app"},
		{"PUT", "/v2/team/app/blobs/uploads/1?digest=sha256:0", "x", "ecr:CompleteLayerUpload repository/team/app, ecr:UploadLayerPart repository/team/app"},
		{"PUT", "/v2/team/app/manifests/v1", "x", "ecr:PutImage repository/team/app"},
		{"HEAD", "/v2/team/app/manifests/v1", "", "ecr:BatchGetImage repository/team/app"},
		{"DELETE", "/v2/team/app/manifests/v1", "", "ecr:BatchDeleteImage repository/team/app"},
		{"GET", "/v2/team/app/tags/list", "", "ecr:ListImages repository/team/app"},
		{"GET", "/v2/team/app/referrers/sha256:0", "", "ecr:BatchGetImage repository/team/app"},
		{"HEAD", "/bucket", "", "s3:ListBucket bucket"},
		{"GET", "/bucket?list-type=2&prefix=a", "", "s3:ListBucket bucket"},
		{"GET", "/bucket?publicAccessBlock", "", "s3:GetBucketPublicAccessBlock bucket"},
		{"PUT", "/bucket?encryption", "x", "s3:PutEncryptionConfiguration bucket"},
		{"HEAD", "/bucket/a/state", "", "s3:GetObject bucket/a/state"},
		{"PUT", "/bucket/a/state", "x", "s3:PutObject bucket/a/state"},
		{"DELETE", "/bucket/a/state", "", "s3:DeleteObject bucket/a/state"},
		{"POST", "/?Action=GetCallerIdentity&Version=2011-06-15", "", ""},
	} {
		request, err := http.NewRequestWithContext(t.Context(), one.method, l.url+one.path, strings.NewReader(one.body))
		wantOK(t, err)
		response, err := http.DefaultClient.Do(request) // most are refused: IAM is asked before
		wantOK(t, err)
		wantOK(t, response.Body.Close())
		if got := strings.Join(needed.take(), ", "); got != one.want {
			t.Errorf("%s %s needs %q, want %q", one.method, one.path, got, one.want)
		}
	}
}

func wantNeeded(t *testing.T, needed *recorder, want ...string) {
	t.Helper()
	if got := needed.take(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("needed %q, want %q", got, want)
	}
}
