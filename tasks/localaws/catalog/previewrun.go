package catalog

import (
	"encoding/binary"
	"slices"

	"go.etcd.io/bbolt"
)

// runPreview does the work of a preview that was started.
func (r *Registry) runPreview(repository string, p Preview) {
	marks, err := r.previewMarks(repository, p)
	for chunk := range slices.Chunk(marks, 1000) {
		if err == nil {
			err = r.amendPreview(repository, p.ID, func(b *bbolt.Bucket, p *Preview) error { return p.add(b, chunk) })
		}
	}
	if err == nil {
		err = r.amendPreview(repository, p.ID, func(_ *bbolt.Bucket, p *Preview) error {
			p.Status = PreviewComplete
			return nil
		})
	}
	if notFoundIsFine(err) == nil {
		return // done, or without its repository
	}
	r.c.log("previewing a lifecycle policy of %q: %v", repository, err)
	err = r.amendPreview(repository, p.ID, func(_ *bbolt.Bucket, p *Preview) error {
		p.Status = PreviewFailed
		return nil
	})
	if notFoundIsFine(err) != nil {
		r.c.log("giving up a preview of %q: %v", repository, err)
	}
}

func (r *Registry) previewMarks(repository string, p Preview) ([]Mark, error) {
	policy, err := ParseLifecycle(p.Text)
	if err != nil {
		return nil, err
	}
	var images []Image
	err = r.view(repository, func(rp *repo) (err error) {
		images, err = rp.images()
		return err
	})
	return policy.Marks(images, p.StartedAt), err
}

// amendPreview changes a preview, unless it is no longer the repository's.
func (r *Registry) amendPreview(repository, id string, fn func(*bbolt.Bucket, *Preview) error) error {
	return r.update(repository, func(rp *repo) error {
		var p Preview
		if err := get(rp.b, keyPreview, &p); err != nil || p.ID != id {
			return err
		}
		if err := fn(rp.in(bucketPreview), &p); err != nil {
			return err
		}
		return put(rp.b, keyPreview, p)
	})
}

// add enters marks behind those that are there.
func (p *Preview) add(b *bbolt.Bucket, marks []Mark) error {
	for _, mark := range marks {
		img := mark.Image
		one := Previewed{img.Digest, img.Tags, img.PushedAt, img.Status == Archived, mark.Priority, mark.Expire}
		if err := put(b, binary.BigEndian.AppendUint32(nil, uint32(p.Expiring+p.Archiving)), one); err != nil {
			return err
		}
		if mark.Expire {
			p.Expiring++
		} else {
			p.Archiving++
		}
	}
	return nil
}
