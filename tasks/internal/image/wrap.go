package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

const user = "65532:65532" // not root; no passwd file gives it a name

func wrap(s Source, app string, ports portSet, p v1.Platform, l layer) (v1.Image, error) {
	created := v1.Time{Time: s.Revision.created()}
	img, err := withoutLayers(&v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant,
		Created: created,
		RootFS:  v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:         user,
			Entrypoint:   []string{"/" + app},
			WorkingDir:   "/",
			ExposedPorts: ports,
			Labels:       s.annotations(app),
		},
	})
	if err != nil {
		return nil, err
	}
	img, err = mutate.Append(img, mutate.Addendum{
		Layer:   l,
		History: v1.History{Created: created, CreatedBy: "go build ./" + appsDir + "/" + app},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(img, s.annotations(app)).(v1.Image), nil
}

func withoutLayers(config *v1.ConfigFile) (v1.Image, error) {
	base := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	return mutate.ConfigFile(mutate.ConfigMediaType(base, types.OCIConfigJSON), config)
}

func join(s Source, app string, images []v1.Image) v1.ImageIndex {
	var adds []mutate.IndexAddendum
	for i, img := range images {
		adds = append(adds, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &s.Platforms[i]}})
	}
	index := mutate.IndexMediaType(mutate.AppendManifests(empty.Index, adds...), types.OCIImageIndex)
	return mutate.Annotations(index, s.annotations(app)).(v1.ImageIndex)
}

// annotations are the image's labels and the manifest's annotations, under the OCI specification's names.
func (s Source) annotations(app string) map[string]string {
	m := map[string]string{
		"org.opencontainers.image.created": s.Revision.created().Format(time.RFC3339),
		"org.opencontainers.image.title":   app,
		"org.opencontainers.image.version": s.Revision.Version(),
	}
	if s.URL != "" {
		m["org.opencontainers.image.source"] = s.URL
	}
	if r := s.Revision.String(); r != "" {
		m[revisionAnnotation] = r
	}
	return m
}

const revisionAnnotation = "org.opencontainers.image.revision"

// compression is where a better ratio costs more time than it saves in the upload: the level above makes a layer
// smaller by a hundredth and takes a fifth longer. go.mod pins the compressor, so Go releases do not change layers.
const compression = 5

// layer is one binary, packed: an OCI layer in memory.
type layer struct {
	compressed []byte
	digest     v1.Hash // of compressed
	diffID     v1.Hash // of the tar archive in it
	lacks      []string
}

// writeArchive writes the binary as /app into a tar. Its times are the epoch, not the commit's, so a commit that leaves
// a binary as it was sends no layer.
func writeArchive(w io.Writer, app string, binary []byte) error {
	tw := tar.NewWriter(w)
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: app, Mode: 0o755, Size: int64(len(binary)),
		ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
	}
	err := tw.WriteHeader(header)
	if err == nil {
		_, err = tw.Write(binary)
	}
	if err == nil {
		err = tw.Close()
	}
	if err != nil {
		return fmt.Errorf("packing %q: %w", app, err)
	}
	return nil
}

func compress(app string, binary []byte) (layer, error) {
	l, err := compressArchive(len(binary), func(w io.Writer) error { return writeArchive(w, app, binary) })
	l.lacks = unmet(binary)
	return l, err
}

// compressArchive makes a layer of an archive in one pass. Its gzip header holds neither name nor time.
func compressArchive(size int, write func(io.Writer) error) (layer, error) {
	var compressed bytes.Buffer
	compressed.Grow(size / 2)
	digest, diffID := sha256.New(), sha256.New()
	zw, err := gzip.NewWriterLevel(io.MultiWriter(&compressed, digest), compression)
	if err != nil {
		return layer{}, err
	}
	zw.ModTime = time.Unix(0, 0) // which a gzip header calls none; the zero time is one
	if err := errors.Join(write(io.MultiWriter(zw, diffID)), zw.Close()); err != nil {
		return layer{}, err
	}
	return layer{compressed: compressed.Bytes(), digest: sha(digest), diffID: sha(diffID)}, nil
}

func sha(sum hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum.Sum(nil))}
}

var _ v1.Layer = layer{}

func (l layer) Digest() (v1.Hash, error)            { return l.digest, nil }
func (l layer) DiffID() (v1.Hash, error)            { return l.diffID, nil }
func (l layer) Size() (int64, error)                { return int64(len(l.compressed)), nil }
func (l layer) MediaType() (types.MediaType, error) { return types.OCILayer, nil }

func (l layer) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(l.compressed)), nil
}

func (l layer) Uncompressed() (io.ReadCloser, error) {
	return gzip.NewReader(bytes.NewReader(l.compressed))
}
