package localaws_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"envoy-proxy-poc/tasks/localaws"
)

// login asks for a password as every client does.
func (l *local) login() remote.Option {
	l.t.Helper()
	return remote.WithAuth(&authn.Basic{Username: "AWS", Password: l.password()})
}

func (l *local) password() string {
	l.t.Helper()
	out, err := l.ecr().GetAuthorizationToken(l.t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(l.t, err)
	data := out.AuthorizationData[0]
	if got, want := *data.ProxyEndpoint, "http://"+l.host(); got != want {
		l.t.Errorf("proxyEndpoint is %s, want %s", got, want)
	}
	text, err := base64.StdEncoding.DecodeString(*data.AuthorizationToken)
	wantOK(l.t, err)
	password, named := strings.CutPrefix(string(text), "AWS:")
	if !named {
		l.t.Errorf("the token is not one of the user AWS")
	}
	return password
}

func (l *local) ref(text string) name.Reference {
	l.t.Helper()
	ref, err := name.ParseReference(l.host() + "/" + text)
	wantOK(l.t, err)
	return ref
}

func image(t *testing.T) v1.Image {
	t.Helper()
	img, err := random.Image(2000, 2)
	wantOK(t, err)
	config, err := img.ConfigFile()
	wantOK(t, err)
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "arm64"
	img, err = mutate.ConfigFile(img, config)
	wantOK(t, err)
	return img
}

func digestOf(t *testing.T, thing interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	hash, err := thing.Digest()
	wantOK(t, err)
	return hash.String()
}

func (l *local) push(ref string, img v1.Image, auth remote.Option) string {
	l.t.Helper()
	wantOK(l.t, remote.Write(l.ref(ref), img, auth))
	return digestOf(l.t, img)
}

func TestPushAndPull(t *testing.T) {
	for _, dialect := range []string{"", "ecr"} {
		t.Run("dialect "+dialect, func(t *testing.T) { pushAndPull(t, start(t, localaws.Options{Dialect: dialect})) })
	}
}

func pushAndPull(t *testing.T, l *local) {
	t.Helper()
	l.repository("team/app")
	auth, img := l.login(), image(t)
	digest := l.push("team/app:v1", img, auth)

	back, err := remote.Image(l.ref("team/app:v1"), auth)
	wantOK(t, err)
	wantOK(t, validate.Image(back))
	if got := digestOf(t, back); got != digest {
		t.Errorf("pulled %s, want %s", got, digest)
	}
	out, err := l.ecr().DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("team/app")})
	wantOK(t, err)
	if len(out.ImageDetails) != 1 {
		t.Fatalf("%d images, want 1", len(out.ImageDetails))
	}
	size := sizeOf(t, img)
	if is := out.ImageDetails[0]; *is.ImageDigest != digest || is.ImageTags[0] != "v1" || *is.ImageSizeInBytes != size || is.LastRecordedPullTime == nil {
		t.Errorf("image is %s %v of %d bytes, want %s v1 of %d bytes, pulled", *is.ImageDigest, is.ImageTags, *is.ImageSizeInBytes, digest, size)
	}
	tags, err := remote.List(l.ref("team/app").Context(), auth)
	wantOK(t, err)
	if fmt.Sprint(tags) != "[v1]" {
		t.Errorf("tags are %v, want [v1]", tags)
	}
}

func sizeOf(t *testing.T, img v1.Image) int64 {
	t.Helper()
	m, err := img.Manifest()
	wantOK(t, err)
	size := m.Config.Size
	for _, layer := range m.Layers {
		size += layer.Size
	}
	return size
}

func TestPushToNoRepository(t *testing.T) {
	l := start(t, localaws.Options{})
	err := remote.Write(l.ref("nobody:v1"), image(t), l.login())
	if err == nil || !strings.Contains(err.Error(), "NAME_UNKNOWN: The repository with name 'nobody' does not exist in the registry with id '000000000000'") {
		t.Errorf("got error %v, want NAME_UNKNOWN", err)
	}
}

func TestPasswords(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth := l.login()
	l.push("app:v1", image(t), auth)
	for _, c := range []struct {
		name string
		auth remote.Option
		want string
	}{
		{"none", remote.WithAuth(authn.Anonymous), "UNAUTHORIZED: no basic auth credentials"},
		{"wrong", remote.WithAuth(&authn.Basic{Username: "AWS", Password: "guess"}), "DENIED: Your Authorization Token is invalid."},
		{"other user", remote.WithAuth(&authn.Basic{Username: "me", Password: "guess"}), "DENIED: Your Authorization Token is invalid."},
	} {
		if _, err := remote.Get(l.ref("app:v1"), c.auth); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s password: error %v, want %s", c.name, err, c.want)
		}
	}
	l.restart()
	if _, err := remote.Get(l.ref("app:v1"), auth); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	l.pass(12*time.Hour + time.Second)
	_, err := remote.Get(l.ref("app:v1"), auth)
	if err == nil || !strings.Contains(err.Error(), "DENIED: Your authorization token has expired. Reauthenticate and try again.") {
		t.Errorf("after 12 hours: error %v, want it expired", err)
	}
	reply, err := http.Get(l.url + "/v2/")
	wantOK(t, err)
	reply.Body.Close()
	if got, want := reply.Header.Get("Www-Authenticate"), `Basic realm="http://`+l.host()+`/",service="ecr.amazonaws.com"`; got != want {
		t.Errorf("challenge is %s, want %s", got, want)
	}
}

func TestImmutableTags(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app", func(in *ecr.CreateRepositoryInput) {
		in.ImageTagMutability = types.ImageTagMutabilityImmutableWithExclusion
		in.ImageTagMutabilityExclusionFilters = []types.ImageTagMutabilityExclusionFilter{
			{Filter: aws.String("latest*"), FilterType: types.ImageTagMutabilityExclusionFilterTypeWildcard},
		}
	})
	auth := l.login()
	l.push("app:v1", image(t), auth)
	l.push("app:latest", image(t), auth)
	l.push("app:latest", image(t), auth)
	err := remote.Write(l.ref("app:v1"), image(t), auth)
	want := "TAG_INVALID: The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the repository is immutable"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %s", err, want)
	}
}
