package s3

import (
	"net/http"

	"go.etcd.io/bbolt"
)

// deletion is what one delete names, and what became of it.
type deletion struct {
	key, id string // id "" is the current version
	match   string // If-Match; "" is no condition

	version string // that was deleted or made; "" in a bucket without versions
	marker  bool   // it is a delete marker
}

// deleteObject deletes a version for good, or, without a version id, makes a delete marker where the
// bucket has versions.
func (s *server) deleteObject(w http.ResponseWriter, r *request) error {
	d := deletion{key: r.key, id: r.query.Get("versionId"), match: r.Header.Get("If-Match")}
	if err := s.update(func(t *txn) error { return s.delete(t, r.bucket, &d) }); err != nil {
		return err
	}
	if d.version != "" {
		w.Header().Set("x-amz-version-id", d.version)
	}
	if d.marker {
		w.Header().Set("x-amz-delete-marker", "true")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// delete carries out d. What is not there is deleted already, unless a condition asks for it; the
// condition is about the current version, whichever is deleted.
func (s *server) delete(t *txn, bucket string, d *deletion) error {
	b, err := versions(t.Tx, bucket)
	if err != nil {
		return err
	}
	if d.match != "" {
		now, err := current(b, d.key)
		if err != nil {
			return err
		}
		if err := (condition{match: d.match}).write(now, d.key); err != nil {
			return err
		}
	}
	if d.id != "" {
		return deleteVersion(t, b, d)
	}
	return s.hide(t, b, bucket, d)
}

func deleteVersion(t *txn, b *bbolt.Bucket, d *deletion) error {
	d.version = d.id
	v, err := numbered(b, d.key, d.id)
	if err != nil || v == nil {
		return err
	}
	d.marker = v.Marker
	return dropVersion(t, b, d.key, v)
}

// hide makes the key absent: with a marker, if the bucket has ever had versions.
func (s *server) hide(t *txn, b *bbolt.Bucket, bucket string, d *deletion) error {
	rec, err := findBucket(t.Tx, bucket)
	if err != nil {
		return err
	}
	if rec.Versioning == "" {
		return dropNull(t, b, d.key)
	}
	marker := &version{Marker: true}
	err = s.writeVersion(t, bucket, d.key, marker, condition{})
	d.version, d.marker = marker.ID, true
	return err
}
