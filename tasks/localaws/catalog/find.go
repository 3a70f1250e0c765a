package catalog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const maxIDs = 100

// FindImages returns images by their ids, each of them once. All must be there; those that the filter does not admit, such
// as archived ones by default, are left out.
func (r *Registry) FindImages(repository string, ids []ImageID, f Filter) ([]Image, error) {
	if err := f.complete(); err != nil {
		return nil, err
	}
	if err := checkIDs(ids); err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := checkImageID(id); err != nil {
			return nil, err
		}
	}
	var out []Image
	err := r.observe(repository, func(rp *repo) error {
		seen := map[string]bool{}
		for _, id := range ids {
			img, err := rp.find(id)
			if err != nil {
				return err
			}
			if img == nil {
				return r.imageNotFound(repository, id)
			}
			if !seen[img.Digest] && f.admits(img) {
				out = append(out, *img)
			}
			seen[img.Digest] = true
		}
		return nil
	})
	return out, err
}

func checkIDs(ids []ImageID) error {
	if len(ids) == 0 {
		return Invalid("imageIds", "Member must have length greater than or equal to 1")
	}
	if len(ids) > maxIDs {
		return Invalid("imageIds", "Member must have length less than or equal to %d", maxIDs)
	}
	return nil
}

// Manifest is a manifest as it is pulled.
type Manifest struct {
	Digest, MediaType string
	Raw               []byte
}

// GetManifest returns the manifest that an id names, as one of the media types that are accepted, and, when it is for a
// pull, notes the time. Archived images cannot be pulled.
func (r *Registry) GetManifest(repository string, id ImageID, accepted []string, pull bool) (Manifest, error) {
	var out Manifest
	err := r.observe(repository, func(rp *repo) error {
		img, err := rp.find(id)
		if err != nil {
			return err
		}
		if img == nil || img.Status != Active {
			return r.imageNotFound(repository, id)
		}
		out = Manifest{img.Digest, img.MediaType, bytes.Clone(rp.in(bucketManifests).Get([]byte(img.Digest)))}
		if !slices.Contains(accepted, out.MediaType) && accepted != nil {
			stored := out.MediaType
			if out = out.converted(); id.Digest != "" || !slices.Contains(accepted, out.MediaType) {
				return refuse("ImageNotFoundException", "The image's manifest is %s, and the client accepts %s",
					stored, strings.Join(accepted, ", "))
			}
		}
		if pull {
			rp.notePull(img)
		}
		return nil
	})
	return out, err
}

// Failure is what became of one id of a batch.
type Failure struct {
	ID     ImageID
	Code   string // an ImageFailureCode
	Reason string
}

// fault is the failure of an id that is not well-formed, nil for one that can be looked up.
func (id ImageID) fault() *Failure {
	switch {
	case id == ImageID{}:
		return &Failure{id, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"}
	case id.Digest != "" && !anyDigest.MatchString(id.Digest):
		return &Failure{id, "InvalidImageDigest", fmt.Sprintf("Invalid request parameters: image digest should satisfy the regex '%s'", digestPattern)}
	case id.Tag != "" && CheckTag(id.Tag) != nil:
		return &Failure{id, "InvalidImageTag", fmt.Sprintf("Invalid request parameters: image tag should satisfy the regex '%s'", tagPattern)}
	}
	return nil
}

func notThere(id ImageID) *Failure { return &Failure{id, "ImageNotFound", "Requested image not found"} }

// lookUp finds an image of a batch, or says why it does not count.
func (rp *repo) lookUp(id ImageID) (*Image, *Failure, error) {
	if fault := id.fault(); fault != nil {
		return nil, fault, nil
	}
	if id.Digest != "" && id.Tag != "" {
		if img, err := rp.image(id.Digest); err != nil {
			return nil, nil, err
		} else if img != nil && !slices.Contains(img.Tags, id.Tag) && rp.tagged(id.Tag) != "" {
			return nil, &Failure{id, "ImageTagDoesNotMatchDigest", "Requested image tag does not match the requested image digest"}, nil
		}
	}
	img, err := rp.find(id)
	if err == nil && img == nil {
		return nil, notThere(id), nil
	}
	return img, nil, err
}
