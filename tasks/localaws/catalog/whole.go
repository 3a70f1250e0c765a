package catalog

import (
	"encoding/json"
	"fmt"
)

// CheckWhole refuses an image, as if it were not there, when a layer of it is gone or cut: whoever pushes it again asks
// first, and would leave it as it is.
func (r *Registry) CheckWhole(repository string, id ImageID) error {
	return r.view(repository, func(rp *repo) error {
		img, err := rp.find(id)
		if err != nil || img == nil {
			return err
		}
		whole, err := rp.whole(img.Digest)
		if err == nil && !whole {
			return r.imageNotFound(repository, id)
		}
		return err
	})
}

func (rp *repo) whole(digest string) (bool, error) {
	raw := rp.in(bucketManifests).Get([]byte(digest))
	if raw == nil {
		return false, nil
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return false, fmt.Errorf("reading the manifest of %q: %w", digest, err)
	}
	for _, blob := range m.blobs() {
		if layer, err := rp.layer(blob); err != nil || layer == nil {
			return false, err
		}
	}
	for _, child := range m.children() {
		if whole, err := rp.whole(child); err != nil || !whole {
			return false, err
		}
	}
	return true, nil
}
