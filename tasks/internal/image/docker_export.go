package image

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// export has a fleet build, and send the images into dir as an OCI layout.
func (e engine) export(ctx context.Context, s Source, app string, platforms []v1.Platform, dir string,
) ([]v1.Image, error) {
	dest := filepath.Join(dir, "layout")
	if err := e.run(ctx, e.buildArgs(s, app, platforms, dest)); err != nil {
		return nil, err
	}
	index, err := layout.ImageIndexFromPath(dest)
	if err != nil {
		return nil, fmt.Errorf("reading the layout of the image: %w", err)
	}
	built, err := flatten(index)
	if err != nil {
		return nil, fmt.Errorf("reading the layout of the image: %w", err)
	}
	images := make([]v1.Image, len(platforms))
	for i, p := range platforms {
		if images[i] = built[p.String()]; images[i] == nil {
			return nil, fmt.Errorf("the builder made no image for %s", p)
		}
	}
	return images, nil
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
			maps.Copy(images, found)
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
