package image

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// builders are the environments in which docker builds: with the best builder at hand, and as engines did before
// BuildKit.
var builders = []string{"DOCKER_BUILDKIT=", "DOCKER_BUILDKIT=0"}

func TestBuildDocker(t *testing.T) {
	takesLong(t)
	w := newDockerWorld(t)
	for _, env := range builders {
		t.Run(env, func(t *testing.T) {
			w.log.Reset()
			w.s.Env = append(w.s.Env, env, "GOPROXY=https://user:secret@proxy.example.com",
				"DOCKER_DEFAULT_PLATFORM=linux/s390x")
			w.leavesNothing(t, func() {
				b := w.build(t)
				if b.App != "app" || b.MediaType != types.OCIImageIndex || !reflect.DeepEqual(b.Platforms, w.s.Platforms) {
					t.Errorf("Build = %s, %s for %s, want an OCI index of app for %s", b.App, b.MediaType, b.Platforms,
						w.s.Platforms)
				}
				if err := validate.Index(b.Index); err != nil {
					t.Error(err)
				}
				images, err := b.images()
				if err != nil {
					t.Fatal(err)
				}
				for i, img := range images {
					w.check(t, img, w.s.Platforms[i])
				}
			})
			for _, words := range []string{
				"building with ", "GOARCH is <arm64>", "GOPROXY is <https://user:secret@proxy.example.com>", "GOSUMDB is <off>",
				"GOFLAGS is <-trimpath -buildvcs=false '-ldflags=-w -X main.version=0123456789ab'>",
			} {
				if !strings.Contains(w.log.String(), words) {
					t.Errorf("the log does not say %q:\n%s", words, w.log.String())
				}
			}
		})
	}
}

// build builds the only app.
func (w *dockerWorld) build(t *testing.T) Built {
	t.Helper()
	w.s.Env = append(w.s.Env, "GOSUMDB=off")
	built, err := Build(t.Context(), w.s)
	if err != nil {
		t.Fatal(err)
	}
	return built[0]
}

// check wants an image as Build makes it, around what the test compiled.
func (w *dockerWorld) check(t *testing.T, img v1.Image, p v1.Platform) {
	t.Helper()
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if !config.Platform().Equals(p) || !config.Created.Equal(commitTime) || config.Container != "" {
		t.Errorf("the config is of %s, %s, %q, want %s of the commit's time", config.Platform(), config.Created,
			config.Container, p)
	}
	labels := w.s.annotations("app")
	config.Config.Env = nil // the builder's PATH
	want := v1.Config{
		User: user, Entrypoint: []string{"/app"}, WorkingDir: config.Config.WorkingDir, Labels: labels,
		ExposedPorts: portSet{"8080/tcp": {}, "8081/tcp": {}},
	}
	if !reflect.DeepEqual(config.Config, want) {
		t.Errorf("config = %+v, want %+v", config.Config, want)
	}
	manifest, err := img.Manifest()
	if err != nil || !reflect.DeepEqual(manifest.Annotations, labels) || manifest.Config.MediaType != types.OCIConfigJSON {
		t.Errorf("manifest = %+v (%v), want an OCI config, and the annotations %v", manifest, err, labels)
	}
	binary, err := os.ReadFile(filepath.Join(w.compiled, p.Architecture, "app"))
	if err != nil {
		t.Fatal(err)
	}
	same, err := compress("app", binary)
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Layers) != 1 || manifest.Layers[0].Digest != same.digest ||
		manifest.Layers[0].MediaType != types.OCILayer {
		t.Errorf("layers = %+v, want the one that Build makes of the same binary, %s", manifest.Layers, same.digest)
	}
}

// TestBuildDockerVariants wants the level of a variant to reach the compiler, and the variant the config.
func TestBuildDockerVariants(t *testing.T) {
	takesLong(t)
	w := newDockerWorld(t)
	w.s.Platforms = []v1.Platform{{OS: "linux", Architecture: "amd64", Variant: "v2"}}
	for _, env := range builders {
		w.log.Reset()
		w.s.Env = append(w.s.Env, env)
		b := w.build(t)
		if config, err := b.Image.ConfigFile(); err != nil || !config.Platform().Equals(w.s.Platforms[0]) {
			t.Errorf("%s: the image is for %s (%v), want %s", env, config.Platform(), err, w.s.Platforms[0])
		}
		if !strings.Contains(w.log.String(), "GOAMD64 is <v2>") {
			t.Errorf("%s: the log does not say GOAMD64=v2:\n%s", env, w.log.String())
		}
	}
}
