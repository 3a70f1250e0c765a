package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Layer is a blob that a repository holds: a layer or a config.
type Layer struct {
	Digest string
	Size   int64     // bytes
	Since  time.Time // when it came, or when the last image that used it went
}

// layer returns a layer of the repository, nil when it has none with this digest. One of which the bytes are gone or cut
// is none either: so it is sent again, and then it is whole.
func (rp *repo) layer(digest string) (*Layer, error) {
	raw := rp.in(bucketLayers).Get([]byte(digest))
	if raw == nil {
		return nil, nil
	}
	layer := new(Layer)
	if err := json.Unmarshal(raw, layer); err != nil {
		return nil, fmt.Errorf("reading layer %q: %w", digest, err)
	}
	if info, err := os.Stat(rp.c.blobFile(digest)); err != nil || info.Size() != layer.Size {
		rp.c.log("layer %s of %q is damaged: push the images again that use it", digest, rp.info.Name)
		return nil, nil
	}
	return layer, nil
}

// hold makes a stored blob a layer of the repository.
func (rp *repo) hold(digest string, size int64) error {
	if err := rp.tx.Bucket(bucketBlobs).Put(rp.holds(digest), nil); err != nil {
		return err
	}
	return put(rp.in(bucketLayers), []byte(digest), Layer{digest, size, rp.c.now().UTC()})
}

// release notes the time when no image uses a layer any more.
func (rp *repo) release(digest string) error {
	layer, err := rp.layer(digest)
	if err != nil || layer == nil || len(related(rp.in(bucketUses), digest, 1)) > 0 {
		return err
	}
	layer.Since = rp.c.now().UTC()
	return put(rp.in(bucketLayers), []byte(digest), layer)
}

// Layer returns a layer that the repository holds.
func (r *Registry) Layer(repository, digest string) (Layer, error) {
	var out Layer
	err := r.view(repository, func(rp *repo) error {
		layer, err := rp.layer(digest)
		if err != nil {
			return err
		}
		if layer == nil {
			return r.layerNotFound(repository, digest)
		}
		out = *layer
		return nil
	})
	return out, err
}

// OpenLayer opens a layer's bytes. The caller closes the file.
func (r *Registry) OpenLayer(repository, digest string) (*os.File, Layer, error) {
	layer, err := r.Layer(repository, digest)
	if err != nil {
		return nil, Layer{}, err
	}
	file, err := os.Open(r.c.blobFile(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Layer{}, r.layerNotFound(repository, digest) // swept between the two steps
	}
	if err != nil {
		return nil, Layer{}, fmt.Errorf("opening layer %q: %w", digest, err)
	}
	return file, layer, nil
}

// Mount makes a layer of another repository one of this repository too, if ECR would (user guide, blob-mounting): mounting is switched
// on, both repositories are encrypted alike, and an image of the other uses the layer. Otherwise it returns false.
func (r *Registry) Mount(repository, from, digest string) (bool, error) {
	mounting, err := r.AccountSetting("BLOB_MOUNTING")
	if err != nil {
		return false, err
	}
	r.c.files.RLock()
	defer r.c.files.RUnlock()
	mounted := false
	err = r.update(repository, func(rp *repo) error {
		mounted = false
		if mounting != "ENABLED" || CheckRepositoryName(from) != nil {
			return nil
		}
		source, err := r.enter(rp.tx, from)
		if err != nil || source.info.Encryption != rp.info.Encryption {
			return notFoundIsFine(err)
		}
		layer, err := source.layer(digest)
		if err != nil || layer == nil || len(related(source.in(bucketUses), digest, 1)) == 0 {
			return err
		}
		mounted = true
		return rp.hold(digest, layer.Size)
	})
	return mounted, err
}

func notFoundIsFine(err error) error {
	if refused := (*Error)(nil); errors.As(err, &refused) {
		return nil
	}
	return err
}

// blobFile is where a layer's bytes are. The digest must be well-formed: it becomes part of a path.
func (c *Catalog) blobFile(digest string) string {
	sum := strings.TrimPrefix(digest, "sha256:")
	return filepath.Join(c.dir, "blobs", "sha256", sum[:2], sum)
}

func (c *Catalog) held(tx *bbolt.Tx, digest string) bool {
	return len(related(tx.Bucket(bucketBlobs), digest, 1)) > 0
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
