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
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

// compression is where a better ratio costs more time than it saves in the upload: the level above makes a layer
// smaller by a hundredth and takes a fifth longer. go.mod pins the compressor, so Go releases do not change layers.
const compression = 5

// layer is one binary, packed: an OCI layer in memory.
type layer struct {
	compressed []byte
	digest     v1.Hash // of compressed
	diffID     v1.Hash // of the tar archive in it
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
	return compressArchive(len(binary), func(w io.Writer) error { return writeArchive(w, app, binary) })
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
