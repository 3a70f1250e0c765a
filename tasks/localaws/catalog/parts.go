package catalog

import (
	"encoding/json"
	"os"
	"strings"
)

// parts checks that what a manifest names is in the repository, and not in the archive, and returns the image's size in bytes.
func (rp *repo) parts(m *manifest) (size int64, err error) {
	var layers, images []string
	for _, digest := range m.blobs() {
		layer, err := rp.layer(digest)
		if err != nil {
			return 0, err
		}
		if layer == nil {
			layers = append(layers, digest)
			continue
		}
		size += layer.Size
	}
	for _, digest := range m.children() {
		child, err := rp.image(digest)
		if err != nil {
			return 0, err
		}
		if child == nil || child.Status != Active {
			images = append(images, digest)
			continue
		}
		size = max(size, child.Size)
	}
	if len(layers) > 0 {
		return 0, rp.missing("LayersNotFoundException", "Layers", rp.info.Name, layers)
	}
	if len(images) > 0 {
		return 0, rp.missing("ReferencedImagesNotFoundException", "Images", rp.info.Name, images)
	}
	return size, nil
}

// relate records who needs whom.
func (rp *repo) relate(m *manifest) error {
	for _, digest := range m.blobs() {
		if err := rp.in(bucketUses).Put(pair(digest, m.digest), nil); err != nil {
			return err
		}
	}
	for _, digest := range m.children() {
		if err := rp.in(bucketPins).Put(pair(digest, m.digest), nil); err != nil {
			return err
		}
	}
	if m.subject() == "" {
		return nil
	}
	if len(related(rp.in(bucketReferrers), m.subject(), maxReferrers)) == maxReferrers {
		return refuse("LimitExceededException",
			"The maximum number of referrers for the image with digest '%s', %d, has been exceeded", m.subject(), maxReferrers)
	}
	return rp.in(bucketReferrers).Put(pair(m.subject(), m.digest), nil)
}

// platform reads an image's platform from its config; "" for an artifact, whose config is of another kind.
func (rp *repo) platform(config string) string {
	const enough = 4 << 20
	if layer, err := rp.layer(config); err != nil || layer == nil || layer.Size > enough {
		return ""
	}
	raw, err := os.ReadFile(rp.c.blobFile(config))
	var is struct{ OS, Architecture, Variant string }
	if err != nil || json.Unmarshal(raw, &is) != nil || is.OS == "" {
		return ""
	}
	return strings.TrimSuffix(is.OS+"/"+is.Architecture+"/"+is.Variant, "/")
}
