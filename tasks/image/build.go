package image

import (
	"context"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// buildJobs is how many platforms compile at once; one go build already uses every core for most of its time.
const buildJobs = 2

// Source is an app to be built.
type Source struct {
	App       string        // folder below apps/, name of the binary and of the entrypoint. Required.
	Root      string        // module root. Required.
	Env       []string      // environment for the go command, as os.Environ has it. Required.
	Platforms []v1.Platform // the default is linux/amd64
	Revision  Revision      // what the sources are; the zero Revision is allowed
	URL       string        // where the sources are, for org.opencontainers.image.source. Optional.
	Ports     []int         // TCP ports the image documents as exposed; the default is those of the app's Dockerfile
	Go        string        // the go command; the default is go, on the PATH
	Log       io.Writer     // downloads and warnings of the go command; the default discards them
}

// Build compiles the app for each platform and wraps each binary in an image of one deterministic layer. One platform
// gives an image, several an OCI index, in the order asked.
//
// The binary's main.version is the revision's [Revision.Version]. A failed build's error has the compiler's words.
func Build(ctx context.Context, s Source) (Built, error) {
	if err := checkApp(s.Root, s.App); err != nil {
		return Built{}, err
	}
	platforms, err := checkPlatforms(s.Platforms)
	if err != nil {
		return Built{}, fmt.Errorf("building %q: %w", s.App, err)
	}
	if s.Ports == nil {
		if s.Ports, err = dockerfilePorts(s.Root, s.App); err != nil {
			return Built{}, fmt.Errorf("building %q: %w", s.App, err)
		}
	}
	c, err := s.compiler(ctx)
	if err != nil {
		return Built{}, fmt.Errorf("building %q: %w", s.App, err)
	}
	images, err := buildAll(ctx, c, s, platforms)
	if err != nil {
		return Built{}, err
	}
	b := Built{App: s.App, Platforms: platforms}
	if len(images) == 1 {
		b.Image = images[0]
	} else {
		b.Index = join(s, platforms, images)
	}
	return b.measure()
}

func (s Source) compiler(ctx context.Context) (compiler, error) {
	c := compiler{goCommand: s.Go, root: s.Root, version: s.Revision.Version(), log: &serial{w: s.Log}}
	if c.goCommand == "" {
		c.goCommand = "go"
	}
	var err error
	c.env, err = buildEnv(ctx, c.goCommand, s.Root, s.Env, c.log)
	return c, err
}

// buildAll builds the platforms side by side; the first failure stops the others.
func buildAll(ctx context.Context, c compiler, s Source, platforms []v1.Platform) ([]v1.Image, error) {
	images := make([]v1.Image, len(platforms))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(buildJobs)
	for i, p := range platforms {
		group.Go(func() error {
			binary, err := c.compile(ctx, s.App, p)
			if err != nil {
				return err
			}
			if images[i], err = wrap(s, p, binary); err != nil {
				return fmt.Errorf("wrapping %q for %s: %w", s.App, p, err)
			}
			return nil
		})
	}
	return images, group.Wait()
}
