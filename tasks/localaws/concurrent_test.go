package localaws_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"envoy-proxy-poc/tasks/localaws"
)

// TestConcurrentPushes has 64 clients push at once into one repository, half of them the same image, while others delete
// and list. Every tag must be there, with the digest that was pushed, and every byte of it.
func TestConcurrentPushes(t *testing.T) {
	takesLong(t)
	const clients = 64
	l := start(t, localaws.Options{})
	l.repository("app")
	auth, shared := l.login(), image(t)
	var all sync.WaitGroup
	pushed := make([]v1.Image, clients)
	for i := range clients {
		pushed[i] = shared
		if i%2 == 0 {
			pushed[i] = image(t)
		}
		doomed := image(t)
		all.Go(func() {
			if err := remote.Write(l.ref(tagOf(i)), pushed[i], auth); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() { l.pushAndDelete(fmt.Sprintf("doomed%d", i), doomed, auth) })
		all.Go(l.look)
	}
	all.Wait()
	for i, img := range pushed {
		back, err := remote.Image(l.ref(tagOf(i)), auth)
		wantOK(t, err)
		if got, want := digestOf(t, back), digestOf(t, img); got != want {
			t.Errorf("%s is %s, want %s", tagOf(i), got, want)
		}
		if err := validate.Image(back); err != nil { // reads every layer, and compares
			t.Errorf("%s: %v", tagOf(i), err)
		}
	}
	l.wantAll(clients/2+1, clients)
}

func tagOf(i int) string { return fmt.Sprintf("app:t%02d", i) }

// pushAndDelete pushes an image that nobody else has, and takes it back.
func (l *local) pushAndDelete(tag string, img v1.Image, auth remote.Option) {
	if err := remote.Write(l.ref("app:"+tag), img, auth); err != nil {
		l.t.Error(err)
		return
	}
	out, err := l.ecr().BatchDeleteImage(l.t.Context(), &ecr.BatchDeleteImageInput{
		RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{{ImageTag: &tag}},
	})
	if err != nil || len(out.ImageIds) != 1 {
		l.t.Errorf("deleting %s: %v, %v", tag, out, err)
	}
}

// look reads what ecr:status does.
func (l *local) look() {
	client, app := l.ecr(), aws.String("app")
	if _, err := client.DescribeRepositories(l.t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"app"}}); err != nil {
		l.t.Error(err)
	}
	if _, err := client.ListImages(l.t.Context(), &ecr.ListImagesInput{RepositoryName: app}); err != nil {
		l.t.Error(err)
	}
	out, err := client.DescribeImages(l.t.Context(), &ecr.DescribeImagesInput{RepositoryName: app})
	if err != nil {
		l.t.Error(err)
		return
	}
	for _, is := range out.ImageDetails { // an image is there whole, in any moment
		if aws.ToInt64(is.ImageSizeInBytes) < 1000 || is.ImagePushedAt == nil {
			l.t.Errorf("a listed image is %+v", is)
		}
	}
}

// wantAll counts what is there in the end.
func (l *local) wantAll(images, tags int) {
	l.t.Helper()
	var gotTags, gotImages int
	pages := ecr.NewDescribeImagesPaginator(l.ecr(), &ecr.DescribeImagesInput{RepositoryName: aws.String("app"), MaxResults: aws.Int32(7)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.t.Context())
		wantOK(l.t, err)
		for _, is := range page.ImageDetails {
			gotImages, gotTags = gotImages+1, gotTags+len(is.ImageTags)
		}
	}
	if gotImages != images || gotTags != tags {
		l.t.Errorf("there are %d images with %d tags, want %d with %d", gotImages, gotTags, images, tags)
	}
}
