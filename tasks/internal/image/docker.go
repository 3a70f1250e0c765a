package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/hint"
)

// hostArgs are the build arguments taken from Source.Env: a container sees no other settings of the host.
var hostArgs = []string{"GO_IMAGE", "GOPROXY", "GOSUMDB"}

// buildDocker builds each app's Dockerfile, with the module root as its context, on the engine or the BuildKit fleet
// that DOCKER_HOST, the docker context or the current buildx builder name. Build arguments are handed on by name: no
// command line shows their values. What the builder says goes to s.Log at once, and its last words into the error.
func buildDocker(ctx context.Context, s Source) ([]Built, error) {
	e, err := findEngine(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", quoted(s.Apps), err)
	}
	fmt.Fprintf(s.Log, "building with %s\n", e)
	built := make([]Built, len(s.Apps))
	for i, app := range s.Apps {
		if built[i], err = e.build(ctx, s.of(app), app); err != nil {
			return nil, err
		}
	}
	return built, nil
}

func (s Source) checkDockerfile(app string) error {
	for _, name := range []string{dockerfile(app), s.context()} {
		_, err := os.Stat(filepath.Join(s.Root, name))
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("there is no " + name)
		}
		if err != nil {
			return hint.Add(fmt.Errorf("building %q with Docker: %w", app, err),
				"write the Dockerfile, or build with -engine=native, which needs none")
		}
	}
	return nil
}

// context is the folder that Docker gets for the only app, from the module root.
func (s Source) context() string { return path.Clean(s.recipe.Context) }

// dockerfile is an app's Dockerfile, from the module root, as docker takes it on every system.
func dockerfile(app string) string { return path.Join(appsDir, app, "Dockerfile") }

// build makes the image of one app. A fleet builds for several platforms side by side, each where it can.
func (e engine) build(ctx context.Context, s Source, app string) (Built, error) {
	images := make([]v1.Image, len(s.Platforms))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(1)
	if e.builder == fleet {
		group.SetLimit(parallel)
	}
	for i, p := range s.Platforms {
		group.Go(func() (err error) {
			if images[i], err = e.make(ctx, s, app, p); err != nil {
				err = fmt.Errorf("building %q for %s with %s: %w", app, p, e, err)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Built{}, err
	}
	return gather(s, app, images)
}

func (e engine) make(ctx context.Context, s Source, app string, p v1.Platform) (v1.Image, error) {
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the image: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "image.tar")
	if e.builder == fleet {
		err = e.execute(ctx, nil, e.buildArgs(s, app, p, file)...)
	} else {
		err = e.load(ctx, s, app, p, file)
	}
	if err != nil {
		return nil, err
	}
	built, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the image that docker wrote: %w", err)
	}
	return e.conform(s, app, p, built)
}

// gather makes one result of the images of an app, one a platform.
func gather(s Source, app string, images []v1.Image) (Built, error) {
	b := Built{App: app, Platforms: s.Platforms, Revision: s.Revision}
	if len(images) == 1 {
		b.Image = images[0]
	} else {
		b.Index = join(s, app, images)
	}
	return b.measure()
}
