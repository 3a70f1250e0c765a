package localaws_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/localaws"
)

// move changes an image's storage class.
func (l *local) move(id types.ImageIdentifier, class types.TargetStorageClass) (types.ImageStatus, error) {
	l.t.Helper()
	out, err := l.ecr().UpdateImageStorageClass(l.t.Context(), &ecr.UpdateImageStorageClassInput{RepositoryName: aws.String("app"), ImageId: &id, TargetStorageClass: class})
	if err != nil {
		return "", err
	}
	return out.ImageStatus, nil
}

func (l *local) moved(tag string, class types.TargetStorageClass, want types.ImageStatus) {
	l.t.Helper()
	got, err := l.move(types.ImageIdentifier{ImageTag: &tag}, class)
	wantOK(l.t, err)
	if got != want {
		l.t.Errorf("moving %s to %s makes it %s, want %s", tag, class, got, want)
	}
}

// details describes the one image of the repository app, whatever its status.
func (l *local) details() types.ImageDetail {
	l.t.Helper()
	out, err := l.ecr().DescribeImages(l.t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), Filter: &types.DescribeImagesFilter{ImageStatus: types.ImageStatusFilterAny}})
	wantOK(l.t, err)
	if len(out.ImageDetails) != 1 {
		l.t.Fatalf("there are %d images, want 1", len(out.ImageDetails))
	}
	return out.ImageDetails[0]
}

func TestArchive(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	img := image(t)
	digest := l.push("app:v1", img, l.login())
	l.moved("v1", types.TargetStorageClassArchive, types.ImageStatusArchived)
	l.archivedIsNotThere(img, digest)
	if is := l.details(); is.ImageStatus != types.ImageStatusArchived || is.LastArchivedAt == nil || is.LastActivatedAt != nil || is.ImageTags[0] != "v1" {
		t.Errorf("the archived image is %+v", is)
	}
	_, err := l.ecr().DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("app")})
	wantCode(t, err, "RepositoryNotEmptyException")
	_, err = l.move(byTag("v1")[0], types.TargetStorageClassArchive)
	wantCode(t, err, "ImageStorageClassUpdateNotSupportedException")

	l.moved("v1", types.TargetStorageClassStandard, types.ImageStatusActivating)
	if is := l.details(); is.ImageStatus != types.ImageStatusActivating || is.LastActivatedAt != nil {
		t.Errorf("on its way back the image is %s, activated %v", is.ImageStatus, is.LastActivatedAt)
	}
	if _, err := remote.Get(l.ref("app:v1"), l.login()); err == nil {
		t.Error("an image that is on its way back was pulled")
	}
	l.pass(20 * time.Minute)
	if is := l.details(); is.ImageStatus != types.ImageStatusActive || is.LastActivatedAt == nil || is.LastArchivedAt == nil {
		t.Errorf("after 20 minutes the image is %s, activated %v", is.ImageStatus, is.LastActivatedAt)
	}
	if _, err := remote.Get(l.ref("app:v1"), l.login()); err != nil {
		t.Errorf("pulling a restored image: %v", err)
	}
}

// archivedIsNotThere checks that an archived image can be neither pulled nor seen by those who do not ask for it.
func (l *local) archivedIsNotThere(img v1.Image, digest string) {
	l.t.Helper()
	for _, ref := range []string{"app:v1", "app@" + digest} {
		_, err := remote.Get(l.ref(ref), l.login())
		if err == nil || !strings.Contains(err.Error(), "404 Not Found") && !strings.Contains(err.Error(), "MANIFEST_UNKNOWN") {
			l.t.Errorf("pulling archived %s: %v, want 404", ref, err)
		}
	}
	if tags, err := remote.List(l.ref("app").Context(), l.login()); err != nil || len(tags) != 0 {
		l.t.Errorf("the registry lists tags %v, %v, want none", tags, err)
	}
	app := aws.String("app")
	got, err := l.ecr().BatchGetImage(l.t.Context(), &ecr.BatchGetImageInput{RepositoryName: app, ImageIds: byTag("v1")})
	wantOK(l.t, err)
	if len(got.Images) != 0 || got.Failures[0].FailureCode != types.ImageFailureCodeImageNotFound {
		l.t.Errorf("BatchGetImage has %d images and %v", len(got.Images), got.Failures)
	}
	for status, want := range map[types.ImageStatusFilter]string{"": "", "ACTIVE": "", "ARCHIVED": "v1", "ACTIVATING": "", "ANY": "v1"} {
		if got := l.there(status); got != want {
			l.t.Errorf("with status %q there is %q, want %q", status, got, want)
		}
		out, err := l.ecr().DescribeImages(l.t.Context(), &ecr.DescribeImagesInput{
			RepositoryName: app, ImageIds: append(byTag("v1"), byDigest(digest)...), Filter: &types.DescribeImagesFilter{ImageStatus: status},
		})
		wantOK(l.t, err)
		if (len(out.ImageDetails) == 1) != (want != "") || len(out.ImageDetails) > 1 {
			l.t.Errorf("with status %q ids describe %d images, want %q", status, len(out.ImageDetails), want)
		}
	}
	config, err := img.ConfigName()
	wantOK(l.t, err)
	layers, err := l.ecr().BatchCheckLayerAvailability(l.t.Context(), &ecr.BatchCheckLayerAvailabilityInput{RepositoryName: app, LayerDigests: []string{config.String()}})
	wantOK(l.t, err)
	if len(layers.Layers) != 1 || layers.Layers[0].LayerAvailability != types.LayerAvailabilityArchived {
		l.t.Errorf("the layer is %+v, want ARCHIVED", layers.Layers)
	}
}

func TestPushRestoresAtOnce(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app", func(in *ecr.CreateRepositoryInput) { in.ImageTagMutability = types.ImageTagMutabilityImmutable })
	img := image(t)
	l.push("app:v1", img, l.login())
	l.moved("v1", types.TargetStorageClassArchive, types.ImageStatusArchived)
	l.push("app:v1", img, l.login())
	if is := l.details(); is.ImageStatus != types.ImageStatusActive || is.LastActivatedAt == nil {
		t.Errorf("pushed again the image is %s, activated %v", is.ImageStatus, is.LastActivatedAt)
	}
	l.moved("v1", types.TargetStorageClassArchive, types.ImageStatusArchived)
	if got := l.delete("app", byTag("v1")); got != "1 []" {
		t.Errorf("deleting an archived image = %s", got)
	}
}

func TestStorageClassRefusals(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	index, err := random.Index(100, 1, 1)
	wantOK(t, err)
	wantOK(t, remote.WriteIndex(l.ref("app:multi"), index, l.login()))
	manifest, err := index.IndexManifest()
	wantOK(t, err)
	child := byDigest(manifest.Manifests[0].Digest.String())[0]
	for _, c := range []struct {
		id    types.ImageIdentifier
		class types.TargetStorageClass
		want  string
	}{
		{child, "ARCHIVE", "ImageStorageClassUpdateNotSupportedException"},
		{byTag("multi")[0], "STANDARD", "ImageStorageClassUpdateNotSupportedException"},
		{byTag("none")[0], "ARCHIVE", "ImageNotFoundException"},
		{types.ImageIdentifier{}, "ARCHIVE", "InvalidParameterException"},
		{byTag("no tag")[0], "ARCHIVE", "InvalidParameterException"},
		{byTag("multi")[0], "GLACIER", "InvalidParameterException"},
	} {
		_, err := l.move(c.id, c.class)
		wantCode(t, err, c.want)
	}
	l.moved("multi", types.TargetStorageClassArchive, types.ImageStatusArchived)
	if got, err := l.move(child, types.TargetStorageClassArchive); err != nil || got != types.ImageStatusArchived {
		t.Errorf("archiving a child after its index = %s, %v", got, err)
	}
	raw, err := index.RawManifest()
	wantOK(t, err)
	_, err = l.ecr().PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: aws.String("app"), ImageManifest: manifestOf(t, string(raw), 1)})
	wantCode(t, err, "ReferencedImagesNotFoundException")
	if got := l.delete("app", []types.ImageIdentifier{child}); got != "0 [ImageReferencedByManifestList]" {
		t.Errorf("deleting a child of an archived index = %s", got)
	}
}

func TestPoliciesArchiveAndThenExpire(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.lifecycle(
		rule(1, `"tagStatus":"any","countType":"sinceImagePulled","countUnit":"days","countNumber":30`, "archive"),
		rule(2, `"tagStatus":"any","storageClass":"archive","countType":"sinceImageTransitioned","countUnit":"days","countNumber":90`, "expire"))
	l.push("app:idle", image(t), l.login())
	l.push("app:busy", image(t), l.login())
	pull := func() {
		t.Helper()
		_, err := remote.Image(l.ref("app:busy"), l.login())
		wantOK(t, err)
	}
	for range 3 {
		l.pass(15 * day)
		pull()
	}
	if active, archived := l.there(""), l.there("ARCHIVED"); active != "busy" || archived != "idle" {
		t.Errorf("after 45 days %q is active and %q archived, want busy and idle", active, archived)
	}
	for range 5 {
		l.pass(11 * day)
		pull()
	}
	if got := l.there("ANY"); got != "busy idle" {
		t.Errorf("before 90 days of archive there is %q, want busy idle", got)
	}
	l.pass(25 * day)
	if got := l.there("ANY"); got != "busy" {
		t.Errorf("after 90 days of archive there is %q, want busy", got)
	}
}

func TestPullTimesLast(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	l.push("app:v1", image(t), l.login())
	pull := func() time.Time {
		t.Helper()
		_, err := remote.Image(l.ref("app:v1"), l.login())
		wantOK(t, err)
		is := l.details().LastRecordedPullTime
		if is == nil {
			t.Fatal("the pull was not recorded")
		}
		return *is
	}
	first := pull()
	l.pass(23 * time.Hour)
	if again := pull(); !again.Equal(first) {
		t.Errorf("a pull on the same day was recorded: %v after %v", again, first)
	}
	l.restart()
	if kept := *l.details().LastRecordedPullTime; !kept.Equal(first) {
		t.Errorf("after a restart the last pull was at %v, want %v", kept, first)
	}
	l.pass(2 * time.Hour)
	if again := pull(); !again.After(first) {
		t.Errorf("a pull on the next day was not recorded: %v", again)
	}
}
