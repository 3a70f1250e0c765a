package catalog

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// maxLook is how many bytes of an image's layers, unpacked, are looked at.
const maxLook = 2 << 30

// lookAt is the result for an image that nobody gave one for. Basic scanning knows an image by its distribution: one that
// has none, being made from scratch, is not clean but unsupported (ECR user guide, basic scanning). Any other has no findings, as
// nothing is invented here. What was seen is kept with the image.
func (r *Registry) lookAt(repository string, img *Image) (*ScanResult, error) {
	if img.Scannable == "" {
		if err := r.look(repository, img); err != nil {
			return nil, fmt.Errorf("looking into image %q: %w", img.Digest, err)
		}
	}
	return &ScanResult{Status: map[string]string{"no": "UNSUPPORTED_IMAGE"}[img.Scannable]}, nil
}

func (r *Registry) look(repository string, img *Image) error {
	var m *manifest
	err := r.view(repository, func(rp *repo) (err error) {
		m, err = parseManifest(bytes.Clone(rp.in(bucketManifests).Get([]byte(img.Digest))), img.MediaType)
		return err
	})
	if err != nil {
		return err
	}
	seen, err := r.c.distribution(m.Layers)
	if err != nil {
		return err
	}
	img.Scannable = map[bool]string{true: "yes", false: "no"}[seen]
	return r.update(repository, func(rp *repo) error {
		now, err := rp.image(img.Digest)
		if err != nil || now == nil {
			return err
		}
		now.Scannable = img.Scannable
		return rp.save(now)
	})
}

// distribution reports whether the layers, the base first, hold what a Linux distribution leaves behind. It says yes where
// it cannot know: of more than maxLook bytes, of a foreign layer, and of one that is packed neither with gzip nor not at all.
func (c *Catalog) distribution(layers []descriptor) (bool, error) {
	left := int64(maxLook)
	for _, layer := range layers {
		file, err := os.Open(c.blobFile(layer.Digest))
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		seen, read := distributionIn(file, left)
		_ = file.Close() // only read
		if left -= read; seen || left <= 0 {
			return true, nil
		}
	}
	return false, nil
}

// distributionIn looks at one layer, and at no more than limit bytes of it. What breaks off ends there.
func distributionIn(file io.Reader, limit int64) (seen bool, read int64) {
	begin := bufio.NewReader(file)
	magic, _ := begin.Peek(4)
	var unpacked io.Reader = begin
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(begin)
		if err != nil {
			return false, 0
		}
		unpacked = unzipped
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}): // zstd, for which Go's library has no reader
		return true, 0
	}
	counted := &io.LimitedReader{R: unpacked, N: limit}
	for entries := tar.NewReader(counted); ; {
		entry, err := entries.Next()
		if err != nil {
			return false, limit - counted.N
		}
		if isDistribution(strings.TrimPrefix(path.Clean("/"+entry.Name), "/")) {
			return true, limit - counted.N
		}
	}
}

// isDistribution knows what names a distribution, and where its package managers keep their lists.
func isDistribution(name string) bool {
	files := []string{"etc/os-release", "usr/lib/os-release", "lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/dpkg/status"}
	return slices.Contains(files, name) || slices.ContainsFunc([]string{"var/lib/dpkg/status.d/", "var/lib/rpm/", "usr/lib/sysimage/rpm/"},
		func(folder string) bool { return strings.HasPrefix(name, folder) })
}
