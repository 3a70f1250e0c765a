// Package image makes an app below apps/ an OCI image and puts it into a registry, without Docker unless it is asked
// for.
//
// [Build] compiles with the go command and wraps each binary in an image of one layer, without base image and cgo. The
// same sources give the same digest on any machine and at any path. With Source.Docker it builds the app's Dockerfile.
// [Head] and [ChooseTags] say what the image is called, [Push] and [Retag] write it over the registry protocol,
// [WriteLayout] to a folder. [Copy] makes an image of what another repository has. The package knows no AWS: a registry
// is a host, a repository and an Authenticator.
package image

import (
	"cmp"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Built is an image, or an index of one image a platform: exactly one of Image and Index is set.
type Built struct {
	App       string
	Image     v1.Image
	Index     v1.ImageIndex
	Digest    v1.Hash
	MediaType types.MediaType
	Size      int64 // bytes a registry keeps: manifests, configs and compressed layers
	Platforms []v1.Platform
	Revision  Revision // what it was made of
	Lacks     []string // what its program needs and the image does not have, each with what to do; only if compiled here
	Artifacts int      // of a [Copy]: how many refer to it, or to one another
	Kept      []string // of a [Copy]: tags such as sha256-….sig that point at another artifact there, which is kept

	copied *copied // nil for what was built here
}

// top is the manifest that tags point at.
func (b Built) top() interface {
	partial.Describable
	remote.Taggable
} {
	if b.Index != nil {
		return b.Index
	}
	return b.Image
}

func (b Built) images() ([]v1.Image, error) {
	if b.Index == nil {
		return []v1.Image{b.Image}, nil
	}
	manifest, err := b.Index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var images []v1.Image
	for _, d := range manifest.Manifests {
		img, err := b.Index.Image(d.Digest)
		if err != nil {
			return nil, err
		}
		images = append(images, img)
	}
	return images, nil
}

func (b Built) blobs() ([]v1.Layer, error) {
	if b.copied != nil {
		return b.copied.blobs()
	}
	images, err := b.images()
	if err != nil {
		return nil, err
	}
	var blobs []v1.Layer
	seen := map[v1.Hash]bool{}
	for _, img := range images {
		layers, err := img.Layers()
		if err != nil {
			return nil, err
		}
		config, err := partial.ConfigLayer(img)
		if err != nil {
			return nil, err
		}
		for _, l := range append(layers, config) {
			digest, err := l.Digest()
			if err != nil {
				return nil, err
			}
			if !seen[digest] {
				seen[digest] = true
				blobs = append(blobs, l)
			}
		}
	}
	return blobs, nil
}

func (b Built) measure() (Built, error) {
	digest, digestErr := b.top().Digest()
	mediaType, typeErr := b.top().MediaType()
	size, sizeErr := b.size()
	if err := cmp.Or(digestErr, typeErr, sizeErr); err != nil {
		return Built{}, fmt.Errorf("measuring image %q: %w", b.App, err)
	}
	b.Digest, b.MediaType, b.Size = digest, mediaType, size
	return b, nil
}

func (b Built) size() (int64, error) {
	images, imagesErr := b.images()
	blobs, blobsErr := b.blobs()
	if err := cmp.Or(imagesErr, blobsErr); err != nil {
		return 0, err
	}
	var parts []interface{ Size() (int64, error) }
	for _, img := range images {
		parts = append(parts, img)
	}
	for _, l := range blobs {
		parts = append(parts, l)
	}
	if b.Index != nil {
		parts = append(parts, b.Index)
	}
	var total int64
	for _, p := range parts {
		n, err := p.Size()
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
