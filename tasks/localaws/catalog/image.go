package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Status values of an image.
const (
	Active     = "ACTIVE"
	Archived   = "ARCHIVED"
	Activating = "ACTIVATING"
)

// Image is a manifest in a repository and what is known about it.
type Image struct {
	Digest       string
	MediaType    string
	ArtifactType string    `json:",omitempty"` // the manifest's, else its config's media type
	Size         int64     // bytes of config and layers, compressed; of an index: its largest child
	ManifestSize int64     // bytes
	PushedAt     time.Time // when the manifest came first; another tag does not change it
	LastPull     time.Time `json:",omitzero"`  // exact to a day, as in ECR
	Tags         []string  `json:",omitempty"` // sorted
	Subject      string    `json:",omitempty"` // the digest this image refers to
	Children     []string  `json:",omitempty"` // digests of an index's manifests
	Platform     string    `json:",omitempty"` // os/architecture, and /variant where there is one
	Status       string
	ArchivedAt   time.Time `json:",omitzero"`
	ActivatedAt  time.Time `json:",omitzero"`  // when it came back from the archive; in the future while it is on its way
	ScannedAt    time.Time `json:",omitzero"`  // when the last basic scan began
	Scannable    string    `json:",omitempty"` // yes or no, once a scan has looked
}

// ImageID names an image by digest, by tag, or by a tag that must point to the digest.
type ImageID struct{ Digest, Tag string }

// image returns the image with a digest, nil when there is none.
func (rp *repo) image(digest string) (*Image, error) {
	raw := rp.in(bucketImages).Get([]byte(digest))
	if raw == nil {
		return nil, nil
	}
	return rp.readImage(digest, raw)
}

// readImage decodes an image, and adds what has happened to it since it was written: a pull, or the end of its return from
// the archive.
func (rp *repo) readImage(digest string, raw []byte) (*Image, error) {
	img := new(Image)
	if err := json.Unmarshal(raw, img); err != nil {
		return nil, fmt.Errorf("reading image %q: %w", digest, err)
	}
	if at := rp.c.pulls.last(rp.pulled(digest)); at.After(img.LastPull) && !at.Before(img.PushedAt) {
		img.LastPull = at
	}
	if img.Status == Activating && !rp.c.now().Before(img.ActivatedAt) {
		img.Status = Active
	}
	return img, nil
}

func (rp *repo) save(img *Image) error { return put(rp.in(bucketImages), []byte(img.Digest), img) }

func (rp *repo) tagged(tag string) string { return string(rp.in(bucketTags).Get([]byte(tag))) }

// addTag points a tag at an image, and no longer at the one it was on.
func (rp *repo) addTag(img *Image, tag string) error {
	old := rp.tagged(tag)
	if old == img.Digest {
		return nil
	}
	if old != "" {
		before, err := rp.image(old)
		if err != nil {
			return err
		}
		before.dropTag(tag)
		if err := rp.save(before); err != nil {
			return err
		}
	}
	if len(img.Tags) >= maxTagsPerImage {
		return refuse("LimitExceededException", "The maximum number of tags for an image, %d, has been exceeded", maxTagsPerImage)
	}
	at, _ := slices.BinarySearch(img.Tags, tag)
	img.Tags = slices.Insert(img.Tags, at, tag)
	return rp.in(bucketTags).Put([]byte(tag), []byte(img.Digest))
}

func (img *Image) dropTag(tag string) {
	img.Tags = slices.DeleteFunc(img.Tags, func(t string) bool { return t == tag })
}

// find returns the image that an id names: nil when it is not there, or when its tag is on another.
func (rp *repo) find(id ImageID) (*Image, error) {
	digest := id.Digest
	if id.Tag != "" {
		tagged := rp.tagged(id.Tag)
		if digest == "" {
			digest = tagged
		}
		if tagged != digest {
			return nil, nil
		}
	}
	return rp.image(digest)
}
