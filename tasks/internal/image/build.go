package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

const buildJobs = 2 // platforms that compile at once; one go build already uses every core for most of its time

// Source is what is to be built.
type Source struct {
	Apps      []string          // folders below apps/, names of the binaries and of the entrypoints. Required.
	Root      string            // module root. Required.
	Env       []string          // environment for the go command, as os.Environ has it. Required.
	Platforms []v1.Platform     // the default is linux/amd64 and linux/arm64
	Revision  Revision          // what the sources are; the zero Revision is allowed
	URL       string            // where the sources are, for org.opencontainers.image.source. Optional.
	Docker    bool              // build the Dockerfiles, with the engine that Env names, instead of compiling here
	Recipes   map[string]Recipe // apps that are built in another way, by app
	Go        string            // the go command; the default is go, on the PATH
	Cache     string            // folder of what the last build made, so that only changes are built; the default is none
	Log       io.Writer         // downloads and warnings of the go command; the default discards them

	asked   *compiler            // the go command's settings, if [Judge] asked for them
	changed map[string]time.Time // when each file that was judged was changed last; nil if none was judged
	recipe  Recipe               // of the only app
}

// Recipe is how one app is built.
type Recipe struct {
	Docker    bool
	Platforms []v1.Platform     // the default is Source.Platforms
	Args      map[string]string // build arguments of the Dockerfile, which everybody can read in the image
	Context   string            // the folder that Docker gets, from the module root; the default is the root
	Target    string            // the stage of the Dockerfile; the default is the last
	From      string            // the file that says Args, Context and Target, from the module root; empty for none
}

// of is s for one of its apps alone.
func (s Source) of(app string) Source {
	s.Apps = []string{app}
	if recipe, own := s.Recipes[app]; own {
		s.Docker, s.recipe = recipe.Docker, recipe
		if recipe.Platforms != nil {
			s.Platforms = recipe.Platforms
		}
	}
	return s
}

// parts are the apps that are built together: all Dockerfiles, and what is compiled for the same platforms.
func (s Source) parts() []Source {
	var parts []Source
	for _, app := range s.Apps {
		one := s.of(app)
		at := slices.IndexFunc(parts, func(part Source) bool {
			return part.Docker == one.Docker &&
				(one.Docker || slices.EqualFunc(part.Platforms, one.Platforms, v1.Platform.Equals))
		})
		if at < 0 {
			parts = append(parts, one)
			continue
		}
		parts[at].Apps = append(parts[at].Apps, app)
	}
	return parts
}

// Build compiles the apps for each platform and wraps each binary in an image of one deterministic layer, with the TCP
// ports that its Dockerfile exposes. One platform gives an image, several an OCI index, in the order asked. With
// s.Docker, the Dockerfiles are built, into OCI images that depend on content only. Everything is held in memory.
//
// What is in the cache and cannot be trusted is built anew; a cache that cannot be used is a line in the log. Sources
// that [Judge] has judged are judged again after the build; the verdict is each result's Revision.
func Build(ctx context.Context, s Source) ([]Built, error) {
	s, err := s.checked()
	if err != nil {
		return nil, err
	}
	return s.steadily(ctx, buildAll)
}

func buildAll(ctx context.Context, s Source) ([]Built, error) {
	made := map[string]Built{}
	for _, part := range s.parts() {
		build := buildNative
		if part.Docker {
			build = buildDocker
		}
		built, err := build(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, one := range built {
			made[one.App] = one
		}
	}
	built := make([]Built, len(s.Apps))
	for i, app := range s.Apps {
		built[i] = made[app]
	}
	return built, nil
}

func buildNative(ctx context.Context, s Source) ([]Built, error) {
	ports, err := s.ports()
	if err != nil {
		return nil, err
	}
	layers, err := s.layers(ctx)
	if err != nil {
		return nil, err
	}
	built := make([]Built, len(s.Apps))
	for i, app := range s.Apps {
		if built[i], err = assemble(s, app, ports[i], layers[i]); err != nil {
			return nil, fmt.Errorf("making the image of %q: %w", app, err)
		}
		built[i].Lacks = layers[i][0].lacks
	}
	return built, nil
}

// checked is s with its defaults, or what is wrong with it.
func (s Source) checked() (Source, error) {
	var faults []error
	for _, app := range s.Apps {
		faults = append(faults, s.CheckApp(app))
	}
	if err := errors.Join(faults...); err != nil {
		return s, err
	}
	platforms, err := checkPlatforms(s.Platforms)
	if err != nil {
		return s, fmt.Errorf("building %s: %w", quoted(s.Apps), err)
	}
	for i, app := range s.Apps {
		if slices.Contains(s.Apps[:i], app) {
			return s, fmt.Errorf("building %s: app %q is named twice", quoted(s.Apps), app)
		}
	}
	if len(s.Apps) == 0 {
		return s, errors.New("building images: no app is named")
	}
	s.Platforms, s.Log = platforms, &serial{w: s.Log}
	if s.Go == "" {
		s.Go = "go"
	}
	return s, nil
}

// layers compiles and packs, by app and then by platform, and asks for the go command's settings at the same time.
func (s Source) layers(ctx context.Context) ([][]layer, error) {
	layers := make([][]layer, len(s.Apps))
	for i := range layers {
		layers[i] = make([]layer, len(s.Platforms))
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(buildJobs)
	settled := sync.OnceValues(func() (*compiler, error) { return s.compiler(ctx) })
	var asking sync.WaitGroup
	asking.Go(func() { _, _ = settled() })
	defer asking.Wait()
	for at, p := range s.Platforms {
		group.Go(func() error {
			packed, err := s.platform(ctx, p, settled)
			for i := range packed {
				layers[i][at] = packed[i]
			}
			return err
		})
	}
	return layers, group.Wait()
}

// platform compiles all apps for one platform at once, and packs them side by side.
func (s Source) platform(ctx context.Context, p v1.Platform, settled func() (*compiler, error)) ([]layer, error) {
	dir, err := openCache(ctx, s.Cache, p, s.Apps, s.Log)
	if err != nil {
		return nil, fmt.Errorf("building %s for %s: %w", quoted(s.Apps), p, err)
	}
	defer dir.close()
	c, err := settled()
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", quoted(s.Apps), err)
	}
	if err := c.compile(ctx, s.Apps, s.Revision.Version(), p, dir.bin()); err != nil {
		return nil, err
	}
	packed := make([]layer, len(s.Apps))
	var group errgroup.Group
	for i, app := range s.Apps {
		group.Go(func() (err error) {
			packed[i], err = dir.pack(app)
			return err
		})
	}
	return packed, group.Wait()
}

func assemble(s Source, app string, ports portSet, layers []layer) (Built, error) {
	images := make([]v1.Image, len(layers))
	for i, l := range layers {
		var err error
		if images[i], err = wrap(s, app, ports, s.Platforms[i], l); err != nil {
			return Built{}, err
		}
	}
	return gather(s, app, images)
}
