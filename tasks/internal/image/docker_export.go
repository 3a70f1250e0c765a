package image

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// export has a fleet build all platforms at once, each where it can, and send the images here as an OCI layout.
func (e engine) export(ctx context.Context, s Source, app string) ([]v1.Image, error) {
	images := make([]v1.Image, len(s.Platforms))
	for _, together := range splitCalls(s.Platforms) {
		if err := e.exportSome(ctx, s, app, together, images); err != nil {
			return nil, fmt.Errorf("building %q for %s with %s: %w", app, joined(together), e, err)
		}
	}
	return images, nil
}

// calls splits platforms into those that one call can build: build arguments hold for all platforms of a call, so no
// two of one architecture with levels of their own.
func splitCalls(platforms []v1.Platform) [][]v1.Platform {
	var calls [][]v1.Platform
	for _, p := range platforms {
		taken := func(call []v1.Platform) bool {
			return slices.ContainsFunc(call, func(other v1.Platform) bool { return other.Architecture == p.Architecture })
		}
		at := slices.IndexFunc(calls, func(call []v1.Platform) bool { return !taken(call) })
		if at < 0 {
			calls = append(calls, []v1.Platform{p})
		} else {
			calls[at] = append(calls[at], p)
		}
	}
	return calls
}

// exportSome puts the images of one call where they belong among those of all platforms.
func (e engine) exportSome(ctx context.Context, s Source, app string, platforms []v1.Platform,
	images []v1.Image,
) error {
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return fmt.Errorf("making a folder for the images: %w", err)
	}
	defer os.RemoveAll(dir)
	dest := filepath.Join(dir, "layout")
	if err := e.run(ctx, e.buildArgs(s, app, platforms, dest)); err != nil {
		return err
	}
	index, err := layout.ImageIndexFromPath(dest)
	if err != nil {
		return fmt.Errorf("reading the layout of the image: %w", err)
	}
	built, err := flatten(index)
	if err != nil {
		return fmt.Errorf("reading the layout of the image: %w", err)
	}
	for _, p := range platforms {
		img, ok := built[p.String()]
		if !ok {
			return fmt.Errorf("the builder made no image for %s", p)
		}
		if images[slices.IndexFunc(s.Platforms, p.Equals)], err = e.conform(s, app, p, img); err != nil {
			return err
		}
	}
	return nil
}

// flatten lists the images of an index, and of the indexes in it, by the platform in their config. Attestations, which
// are of no platform, are left out.
func flatten(index v1.ImageIndex) (map[string]v1.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	images := map[string]v1.Image{}
	for _, d := range manifest.Manifests {
		if d.MediaType.IsIndex() {
			inner, err := index.ImageIndex(d.Digest)
			if err != nil {
				return nil, err
			}
			found, err := flatten(inner)
			if err != nil {
				return nil, err
			}
			for name, img := range found {
				images[name] = img
			}
			continue
		}
		img, err := index.Image(d.Digest)
		if err != nil {
			return nil, err
		}
		config, err := img.ConfigFile()
		if err != nil {
			return nil, err
		}
		if p, err := normalize(*config.Platform()); err == nil {
			images[p.String()] = img
		}
	}
	return images, nil
}
