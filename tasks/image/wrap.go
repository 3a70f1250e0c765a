package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// user is who runs the binary: nobody in particular, and not root. There is no passwd file to give it a name.
const user = "65532:65532"

// wrap makes an image of one binary for one platform.
func wrap(s Source, p v1.Platform, binary []byte) (v1.Image, error) {
	layer, err := layerOf(s.App, binary)
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: s.Revision.created()}
	base := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	base = mutate.ConfigMediaType(base, types.OCIConfigJSON)
	img, err := mutate.ConfigFile(base, &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant,
		Created: created,
		RootFS:  v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:         user,
			Entrypoint:   []string{"/" + s.App},
			WorkingDir:   "/",
			ExposedPorts: exposed(s.Ports),
			Labels:       s.annotations(),
		},
	})
	if err != nil {
		return nil, err
	}
	img, err = mutate.Append(img, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: created, CreatedBy: "go build ./" + appsDir + "/" + s.App},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(img, s.annotations()).(v1.Image), nil
}

// layerOf packs the binary as /app. The layer depends on name and content only: its times are the epoch, not the
// commit's, so a commit that leaves a binary as it was sends no layer. Nor does a gzip header hold name or time.
func layerOf(app string, binary []byte) (v1.Layer, error) {
	var archive bytes.Buffer
	tw := tar.NewWriter(&archive)
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: app, Mode: 0o755, Size: int64(len(binary)),
		ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
	}
	if err := tw.WriteHeader(header); err != nil {
		return nil, fmt.Errorf("packing %q: %w", app, err)
	}
	if _, err := tw.Write(binary); err != nil {
		return nil, fmt.Errorf("packing %q: %w", app, err)
	}
	if err := tw.Close(); err != nil {
		return nil, fmt.Errorf("packing %q: %w", app, err)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressionLevel(gzip.DefaultCompression), tarball.WithCompressedCaching)
}

// join makes an index of images, in the order of platforms.
func join(s Source, platforms []v1.Platform, images []v1.Image) v1.ImageIndex {
	var adds []mutate.IndexAddendum
	for i, img := range images {
		adds = append(adds, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &platforms[i]}})
	}
	index := mutate.IndexMediaType(mutate.AppendManifests(empty.Index, adds...), types.OCIImageIndex)
	return mutate.Annotations(index, s.annotations()).(v1.ImageIndex)
}

// annotations are the image's labels and the manifest's annotations, under the OCI specification's names.
func (s Source) annotations() map[string]string {
	m := map[string]string{
		"org.opencontainers.image.created": s.Revision.created().Format(time.RFC3339),
		"org.opencontainers.image.title":   s.App,
	}
	if s.URL != "" {
		m["org.opencontainers.image.source"] = s.URL
	}
	if r := s.Revision.String(); r != "" {
		m["org.opencontainers.image.revision"] = r
	}
	return m
}

func exposed(ports []int) map[string]struct{} {
	if len(ports) == 0 {
		return nil
	}
	m := map[string]struct{}{}
	for _, p := range ports {
		m[strconv.Itoa(p)+"/tcp"] = struct{}{}
	}
	return m
}
