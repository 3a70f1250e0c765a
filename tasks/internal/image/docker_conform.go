package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// conform makes what a builder made for p an OCI image whose layers depend on their content only. A binary that both
// engines compile alike is then the same layer. An image for another platform is an error.
func (e engine) conform(s Source, app string, p v1.Platform, built v1.Image) (v1.Image, error) {
	config, err := built.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the config of the image: %w", err)
	}
	layers, err := repackAll(built)
	if err != nil {
		return nil, err
	}
	if err := e.checkPlatform(built, config, p); err != nil {
		return nil, err
	}
	img, err := withoutLayers(stableConfig(s, p, config))
	if err != nil {
		return nil, err
	}
	adds, err := addenda(s, config.History, layers)
	if err != nil {
		return nil, err
	}
	if img, err = mutate.Append(img, adds...); err != nil {
		return nil, err
	}
	return mutate.Annotations(img, s.annotations(app)).(v1.Image), nil
}

// stableConfig is the builder's config without what differs from build to build, and without layers.
func stableConfig(s Source, p v1.Platform, built *v1.ConfigFile) *v1.ConfigFile {
	config := built.Config
	config.Image, config.Hostname, config.Domainname = "", "", "" // of the classic builder's last container
	return &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant,
		Created: v1.Time{Time: s.Revision.created()},
		Author:  built.Author,
		RootFS:  v1.RootFS{Type: "layers"},
		Config:  config,
	}
}

// addenda pairs layers with their history, and keeps steps without a layer.
func addenda(s Source, history []v1.History, layers []layer) ([]mutate.Addendum, error) {
	var adds []mutate.Addendum
	for _, h := range history {
		h.Created = v1.Time{Time: s.Revision.created()}
		add := mutate.Addendum{History: h}
		if !h.EmptyLayer {
			if len(layers) == 0 {
				return nil, errors.New("reading the history of the image: it tells of more layers than there are")
			}
			add.Layer, layers = layers[0], layers[1:]
		}
		adds = append(adds, add)
	}
	for _, l := range layers {
		adds = append(adds, mutate.Addendum{Layer: l, History: v1.History{Created: v1.Time{Time: s.Revision.created()}}})
	}
	return adds, nil
}

func repackAll(img v1.Image) ([]layer, error) {
	built, err := img.Layers()
	if err != nil {
		return nil, fmt.Errorf("reading the layers of the image: %w", err)
	}
	layers := make([]layer, len(built))
	for i, l := range built {
		content, err := l.Uncompressed()
		if err != nil {
			return nil, fmt.Errorf("reading a layer of the image: %w", err)
		}
		layers[i], err = repack(content)
		content.Close()
		if err != nil {
			return nil, fmt.Errorf("repacking a layer of the image: %w", err)
		}
	}
	return layers, nil
}

// repack compresses a layer's archive as [compress] does, without what depends on its builder and time.
func repack(content io.Reader) (layer, error) {
	return compressArchive(0, func(w io.Writer) error { return copyArchive(w, content) })
}

func copyArchive(w io.Writer, content io.Reader) error {
	tw := tar.NewWriter(w)
	for tr := tar.NewReader(content); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return tw.Close()
		}
		if err != nil {
			return err
		}
		header.ModTime, header.AccessTime, header.ChangeTime = time.Unix(0, 0), time.Time{}, time.Time{}
		header.Uname, header.Gname = "", ""
		header.Mode &= 0o7777             // the type of file is elsewhere in the header
		header.Format = tar.FormatUnknown // the plainest that holds the rest
		if err := tw.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(tw, tr); err != nil {
			return err
		}
	}
}

// checkPlatform refuses an image that does not run on p. The platform of its Go program counts first: the classic
// builder writes its own platform into every config, and without such a program it can build for that one only.
func (e engine) checkPlatform(built v1.Image, config *v1.ConfigFile, p v1.Platform) error {
	var program Program
	if program.read(built) == nil {
		if arch := program.setting("GOARCH"); arch != "" && arch != p.Architecture {
			return fmt.Errorf("asked for %s, and the program in the image is for %s: "+
				"the Dockerfile has to compile for TARGETOS and TARGETARCH", p, arch)
		}
		if e.builder == classic {
			return nil
		}
	}
	if made, err := normalize(*config.Platform()); err != nil || !made.Equals(p) {
		return fmt.Errorf("asked for %s, and %s made an image for %s", p, e.builder, config.Platform())
	}
	return nil
}
