package localaws_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	v1types "github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/localaws"
)

func byDigest(digests ...string) []types.ImageIdentifier {
	var out []types.ImageIdentifier
	for _, digest := range digests {
		out = append(out, types.ImageIdentifier{ImageDigest: &digest})
	}
	return out
}

func byTag(tag string) []types.ImageIdentifier { return []types.ImageIdentifier{{ImageTag: &tag}} }

// delete sums a BatchDeleteImage up: how many ids went, and the codes of those that did not.
func (l *local) delete(repository string, ids []types.ImageIdentifier) string {
	l.t.Helper()
	out, err := l.ecr().BatchDeleteImage(l.t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: &repository, ImageIds: ids})
	wantOK(l.t, err)
	var codes []string
	for _, failure := range out.Failures {
		codes = append(codes, string(failure.FailureCode))
	}
	return fmt.Sprint(len(out.ImageIds), codes)
}

func TestIndexPinsItsChildren(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth := l.login()
	index, err := random.Index(500, 1, 2)
	wantOK(t, err)
	wantOK(t, remote.WriteIndex(l.ref("app:multi"), index, auth))
	im, err := index.IndexManifest()
	wantOK(t, err)
	child, parent := im.Manifests[0].Digest.String(), digestOf(t, index)
	first, err := remote.Image(l.ref("app@"+child), auth)
	wantOK(t, err)
	wantOK(t, remote.Tag(l.ref("app:child").Context().Tag("child"), first, auth))

	for _, c := range []struct {
		name string
		ids  []types.ImageIdentifier
		want string
	}{
		{"a child", byDigest(child), "0 [ImageReferencedByManifestList]"},
		{"a child's last tag", byTag("child"), "0 [ImageReferencedByManifestList]"},
		{"nothing", []types.ImageIdentifier{{}}, "0 [MissingDigestAndTag]"},
		{"no digest", byDigest("latest"), "0 [InvalidImageDigest]"},
		{"no such tag", byTag("none"), "0 [ImageNotFound]"},
		{"a tag of another image", []types.ImageIdentifier{{ImageDigest: &parent, ImageTag: aws.String("child")}}, "0 [ImageTagDoesNotMatchDigest]"},
		{"an index with its child", byDigest(parent, child), "1 [ImageReferencedByManifestList]"},
		{"the child afterwards", byDigest(child), "1 []"},
	} {
		if got := l.delete("app", c.ids); got != c.want {
			t.Errorf("deleting %s = %s, want %s", c.name, got, c.want)
		}
	}
	_, err = l.ecr().DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("app")})
	wantCode(t, err, "RepositoryNotEmptyException")
	_, err = l.ecr().DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("app"), Force: true})
	wantOK(t, err)
}

func TestDeletingTags(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth, img := l.login(), image(t)
	digest := l.push("app:a", img, auth)
	l.push("app:b", img, auth)
	l.push("app:c", img, auth)
	if got := l.delete("app", byTag("a")); got != "1 []" {
		t.Errorf("deleting one tag of three = %s", got)
	}
	ids, err := l.ecr().ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: aws.String("app")})
	wantOK(t, err)
	if len(ids.ImageIds) != 2 {
		t.Errorf("%d ids, want one for each of the tags b and c", len(ids.ImageIds))
	}
	if got := l.delete("app", byDigest(digest)); got != "2 []" {
		t.Errorf("deleting by digest = %s, want both tags gone", got)
	}
	_, err = l.ecr().DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), ImageIds: byTag("b")})
	wantCode(t, err, "ImageNotFoundException")
	l.push("app:again", img, auth)
	wantOK(t, remote.Delete(l.ref("app@"+digest), auth))
	if _, err := remote.Head(l.ref("app:again"), auth); err == nil {
		t.Error("a deleted image is still there")
	}
}

// manifestOf is a new manifest of an image that the repository has: its layers are there already.
func manifestOf(t *testing.T, base string, i int) *string {
	t.Helper()
	return aws.String(strings.Replace(base, "{", fmt.Sprintf(`{"annotations":{"n":"%d"},`, i), 1))
}

func TestImagePages(t *testing.T) {
	takesLong(t)
	l := start(t, localaws.Options{})
	l.repository("app")
	img := mutate.MediaType(image(t), v1types.OCIManifestSchema1)
	l.push("app:base", img, l.login())
	raw, err := img.RawManifest()
	wantOK(t, err)
	const more = 1100
	var pushes errgroup.Group
	pushes.SetLimit(16)
	for i := range more {
		pushes.Go(func() error {
			_, err := l.ecr().PutImage(t.Context(), &ecr.PutImageInput{
				RepositoryName: aws.String("app"), ImageManifest: manifestOf(t, string(raw), i), ImageTag: aws.String(fmt.Sprintf("t%d", i)),
			})
			return err
		})
	}
	wantOK(t, pushes.Wait())
	_, err = l.ecr().PutImage(t.Context(), &ecr.PutImageInput{
		RepositoryName: aws.String("app"), ImageManifest: manifestOf(t, string(raw), 7), ImageTag: aws.String("second"),
	})
	wantOK(t, err)
	for _, size := range []*int32{nil, aws.Int32(1000), aws.Int32(7)} {
		l.countPages(size, more+1)
	}
}

func (l *local) countPages(size *int32, images int) {
	l.t.Helper()
	want := 100
	if size != nil {
		want = int(*size)
	}
	digests, tags := map[string]bool{}, map[string]bool{}
	details := ecr.NewDescribeImagesPaginator(l.ecr(), &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), MaxResults: size})
	for details.HasMorePages() {
		page, err := details.NextPage(l.t.Context())
		wantOK(l.t, err)
		if details.HasMorePages() && len(page.ImageDetails) != want {
			l.t.Fatalf("a page has %d images, want %d", len(page.ImageDetails), want)
		}
		for _, one := range page.ImageDetails {
			digests[*one.ImageDigest] = true
		}
	}
	ids := ecr.NewListImagesPaginator(l.ecr(), &ecr.ListImagesInput{RepositoryName: aws.String("app"), MaxResults: size})
	for ids.HasMorePages() {
		page, err := ids.NextPage(l.t.Context())
		wantOK(l.t, err)
		for _, one := range page.ImageIds {
			if tags[*one.ImageTag] {
				l.t.Errorf("tag %s is listed twice", *one.ImageTag)
			}
			tags[*one.ImageTag] = true
		}
	}
	if len(digests) != images || len(tags) != images+1 {
		l.t.Errorf("pages of %d: %d images and %d tags, want %d and %d", want, len(digests), len(tags), images, images+1)
	}
}

func TestReferrers(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth, subject := l.login(), mutate.MediaType(image(t), v1types.OCIManifestSchema1)
	digest := l.push("app:v1", subject, auth)
	described, err := remote.Head(l.ref("app:v1"), auth)
	wantOK(t, err)
	sbom := mutate.MediaType(image(t), v1types.OCIManifestSchema1)
	sbom = mutate.ConfigMediaType(sbom, "application/vnd.example.sbom")
	attached := mutate.Subject(sbom, *described).(v1.Image)
	raw, err := attached.RawManifest()
	wantOK(t, err)
	l.push("app@"+digestOf(t, attached), attached, auth)
	repo := l.ref("app@" + digest).Context().Digest(digest)
	for filter, want := range map[string]int{"": 1, "application/vnd.example.sbom": 1, "application/vnd.other": 0} {
		var options []remote.Option
		if filter != "" {
			options = append(options, remote.WithFilter("artifactType", filter))
		}
		index, err := remote.Referrers(repo, append(options, auth)...)
		wantOK(t, err)
		im, err := index.IndexManifest()
		wantOK(t, err)
		if len(im.Manifests) != want {
			t.Errorf("%d referrers of type %q, want %d", len(im.Manifests), filter, want)
		}
		if want == 1 && im.Manifests[0].Size != int64(len(raw)) {
			t.Errorf("the referrer has %d bytes, want %d", im.Manifests[0].Size, len(raw))
		}
	}
	tags, err := remote.List(repo.Context(), auth)
	wantOK(t, err)
	if fmt.Sprint(tags) != "[v1]" {
		t.Errorf("tags are %v: the client fell back to a referrers tag", tags)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth, img := l.login(), image(t)
	digest := l.push("app:v1", img, auth)
	l.restart()
	back, err := remote.Image(l.ref("app:v1"), auth)
	wantOK(t, err)
	layers, err := back.Layers()
	wantOK(t, err)
	for _, layer := range layers {
		body, err := layer.Compressed()
		wantOK(t, err)
		_, err = io.Copy(io.Discard, body)
		wantOK(t, err)
	}
	if got := digestOf(t, back); got != digest {
		t.Errorf("after a restart v1 is %s, want %s", got, digest)
	}
}
