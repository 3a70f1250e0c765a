package localaws_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	v1types "github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/localaws"
)

// refer pushes n artifacts of a type that name an image as their subject.
func (l *local) refer(subject v1.Image, kind v1types.MediaType, n int) {
	l.t.Helper()
	to, err := partial.Descriptor(subject)
	wantOK(l.t, err)
	for i := range n {
		artifact := mutate.ConfigMediaType(mutate.MediaType(withFile(l.t, "x"), v1types.OCIManifestSchema1), kind)
		artifact = mutate.Annotations(artifact, map[string]string{"n": fmt.Sprint(i)}).(v1.Image)
		artifact = mutate.Subject(artifact, *to).(v1.Image)
		digest, err := artifact.Digest()
		wantOK(l.t, err)
		wantOK(l.t, remote.Write(l.ref("app@"+digest.String()), artifact, l.login()))
	}
}

func TestListImageReferrers(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	img := mutate.MediaType(image(t), v1types.OCIManifestSchema1)
	l.push("app:v1", img, l.login())
	l.refer(img, "application/vnd.test.sbom", 53)
	l.refer(img, "application/vnd.test.signature", 2)

	list := func(change func(*ecr.ListImageReferrersInput)) (int, *string, error) {
		in := &ecr.ListImageReferrersInput{RepositoryName: aws.String("app"), SubjectId: &types.SubjectIdentifier{ImageDigest: aws.String(digestOf(t, img))}}
		change(in)
		out, err := l.ecr().ListImageReferrers(t.Context(), in)
		if err != nil {
			return 0, nil, err
		}
		for _, one := range out.Referrers {
			if !strings.HasPrefix(*one.ArtifactType, "application/vnd.test.") || one.Annotations["n"] == "" || *one.Size == 0 || one.ArtifactStatus != types.ArtifactStatusActive {
				t.Errorf("a referrer is %+v", one)
			}
		}
		return len(out.Referrers), out.NextToken, nil
	}
	page := func(n int32, token *string) func(*ecr.ListImageReferrersInput) {
		return func(in *ecr.ListImageReferrersInput) { in.MaxResults, in.NextToken = &n, token }
	}
	n, _, err := list(func(*ecr.ListImageReferrersInput) {})
	if n != 20 || err != nil {
		t.Errorf("the first page has %d, %v, want 20", n, err)
	}
	n, token, err := list(page(50, nil))
	if n != 50 || err != nil || token == nil {
		t.Fatalf("a page of 50 has %d, %v", n, err)
	}
	if n, token, err = list(page(50, token)); n != 5 || err != nil || token != nil {
		t.Errorf("the page after it has %d, %v, want 5 and no token", n, err)
	}
	for _, size := range []int32{0, 51} {
		_, _, err = list(page(size, nil))
		wantCode(t, err, "InvalidParameterException")
	}
	filter := func(status types.ArtifactStatusFilter, kinds ...string) func(*ecr.ListImageReferrersInput) {
		return func(in *ecr.ListImageReferrersInput) {
			in.Filter = &types.ListImageReferrersFilter{ArtifactStatus: status, ArtifactTypes: kinds}
		}
	}
	for _, c := range []struct {
		status types.ArtifactStatusFilter
		kind   string
		want   int
	}{{"ANY", "application/vnd.test.signature", 2}, {"", "application/vnd.test.signature", 2}, {"ARCHIVED", "application/vnd.test.signature", 0}, {"ACTIVE", "none", 0}} {
		if n, _, err := list(filter(c.status, c.kind)); n != c.want || err != nil {
			t.Errorf("%s referrers of type %s: %d, %v, want %d", c.status, c.kind, n, err, c.want)
		}
	}
	_, _, err = list(filter("SOME"))
	wantCode(t, err, "InvalidParameterException")
	_, _, err = list(filter("", "1", "2", "3", "4", "5", "6"))
	wantCode(t, err, "InvalidParameterException")
}

func (l *local) get(url string) (int, string) {
	l.t.Helper()
	reply, err := http.Get(url)
	wantOK(l.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	wantOK(l.t, err)
	return reply.StatusCode, string(text)
}

func TestDownloadURL(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.repository("other")
	img := withFile(t, "hello")
	l.push("app:v1", img, l.login())
	layers, err := img.Layers()
	wantOK(t, err)
	digest, err := layers[0].Digest()
	wantOK(t, err)
	ask := func(repository, digest string) (string, error) {
		out, err := l.ecr().GetDownloadUrlForLayer(t.Context(), &ecr.GetDownloadUrlForLayerInput{RepositoryName: &repository, LayerDigest: &digest})
		if err != nil {
			return "", err
		}
		return *out.DownloadUrl, nil
	}
	url, err := ask("app", digest.String())
	wantOK(t, err)
	if status, text := l.get(url); status != 200 || !strings.Contains(text, "hello") {
		t.Errorf("the URL gives %d and %d bytes", status, len(text))
	}
	absent := "sha256:" + strings.Repeat("0", 64)
	for was, is := range map[string]string{
		digest.String(): absent, "/app/": "/other/", "us-west-2": "eu-west-1", "expires=": "expires=9", "signature=": "signature=A", "&signature=": "&sign=",
	} {
		if status, text := l.get(strings.Replace(url, was, is, 1)); status != 403 {
			t.Errorf("with %s for %s it gives %d %s, want 403", is, was, status, text)
		}
	}
	if reply := l.do("GET", strings.TrimPrefix(url, l.url), "", "Authorization", "Basic QTpC"); reply.StatusCode != 400 {
		t.Errorf("with a password it gives %d, want 400", reply.StatusCode)
	}
	_, err = ask("other", digest.String())
	wantCode(t, err, "LayersNotFoundException")
	_, err = ask("app", "x")
	wantCode(t, err, "InvalidParameterException")
	l.pass(time.Hour - time.Minute)
	if status, _ := l.get(url); status != 200 {
		t.Errorf("after 59 minutes it gives %d", status)
	}
	l.pass(time.Minute + time.Second)
	if status, text := l.get(url); status != 403 || !strings.Contains(text, "expired") {
		t.Errorf("after an hour it gives %d %s, want 403", status, text)
	}
	if got := l.delete("app", byTag("v1")); got != "1 []" {
		t.Fatal(got)
	}
	_, err = ask("app", digest.String())
	wantCode(t, err, "LayerInaccessibleException")
}
