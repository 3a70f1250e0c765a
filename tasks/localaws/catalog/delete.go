package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// BatchDeleteImage removes up to 100 images: by digest with all their tags, by tag only that tag, and the image when it
// was the last. What cannot be removed is among the failures.
//
// A manifest of an index stays while the index is there, and so does its last tag (aws/containers-roadmap #1567). Whether the index is
// there is asked once, before anything is removed: ECR documents no order within a call.
func (r *Registry) BatchDeleteImage(repository string, ids []ImageID) (gone []ImageID, failed []Failure, err error) {
	if err := checkIDs(ids); err != nil {
		return nil, nil, err
	}
	if err := r.settle(repository); err != nil {
		return nil, nil, err
	}
	err = r.update(repository, func(rp *repo) error {
		gone, failed = nil, nil
		pinned, err := rp.pinned(ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			removed, failure, err := rp.deleteOne(id, pinned)
			if err != nil {
				return fmt.Errorf("deleting image %q: %w", id.Digest+id.Tag, err)
			}
			gone = append(gone, removed...)
			if failure != nil {
				failed = append(failed, *failure)
			}
		}
		return nil
	})
	return gone, failed, err
}

// pinned maps the digests that ids name to the indexes that hold them.
func (rp *repo) pinned(ids []ImageID) (map[string][]string, error) {
	out := map[string][]string{}
	for _, id := range ids {
		img, err := rp.find(id)
		if err != nil {
			return nil, err
		}
		if img != nil {
			out[img.Digest] = related(rp.in(bucketPins), img.Digest, 100)
		}
	}
	return out, nil
}

func (rp *repo) deleteOne(id ImageID, pinned map[string][]string) ([]ImageID, *Failure, error) {
	img, failure, err := rp.lookUp(id)
	if failure != nil || err != nil {
		return nil, failure, err
	}
	if id.Tag != "" && len(img.Tags) > 1 {
		img.dropTag(id.Tag)
		if err := rp.in(bucketTags).Delete([]byte(id.Tag)); err != nil {
			return nil, nil, err
		}
		return []ImageID{{img.Digest, id.Tag}}, nil, rp.save(img)
	}
	if indexes := pinned[img.Digest]; len(indexes) > 0 {
		return nil, &Failure{
			id, "ImageReferencedByManifestList",
			fmt.Sprintf("Requested image referenced by manifest list: [%s]", strings.Join(indexes, ", ")),
		}, nil
	}
	var gone []ImageID
	for _, tag := range img.TagsOrNone() {
		gone = append(gone, ImageID{img.Digest, tag})
	}
	return gone, nil, rp.remove(img)
}

// remove takes an image out, with all that is known about it. Its layers stay until the sweeper finds them unused.
func (rp *repo) remove(img *Image) error {
	m, err := parseManifest(slices.Clone(rp.in(bucketManifests).Get([]byte(img.Digest))), img.MediaType)
	if err != nil {
		return err
	}
	var drop []error
	for _, tag := range img.Tags {
		drop = append(drop, rp.in(bucketTags).Delete([]byte(tag)))
	}
	for _, child := range m.children() {
		drop = append(drop, rp.in(bucketPins).Delete(pair(child, img.Digest)))
	}
	if m.subject() != "" {
		drop = append(drop, rp.in(bucketReferrers).Delete(pair(m.subject(), img.Digest)))
	}
	for _, layer := range m.blobs() {
		drop = append(drop, rp.in(bucketUses).Delete(pair(layer, img.Digest)), rp.release(layer))
	}
	drop = append(drop, rp.in(bucketManifests).Delete([]byte(img.Digest)), rp.in(bucketImages).Delete([]byte(img.Digest)))
	rp.info.Images--
	for _, err := range drop {
		if err != nil {
			return err
		}
	}
	return nil
}
