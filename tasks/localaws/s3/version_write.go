package s3

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// writeVersion makes v the current version of a key, in the way the bucket's versioning says, if the
// condition holds. Nothing can come between the two: bbolt has one writer.
func (s *server) writeVersion(t *txn, bucket, key string, v *version, when condition) error {
	rec, err := findBucket(t.Tx, bucket)
	if err != nil {
		return err
	}
	b, err := versions(t.Tx, bucket)
	if err != nil {
		return err
	}
	now, err := current(b, key)
	if err != nil {
		return err
	}
	if err := when.write(now, key); err != nil {
		return err
	}
	if v.number, err = b.NextSequence(); err != nil {
		return fmt.Errorf("numbering a version: %w", err)
	}
	if rec.Versioning == versioningEnabled {
		v.ID = newID(v.number)
	} else {
		v.ID = nullVersion
		if err := dropNull(t, b, key); err != nil {
			return err
		}
	}
	v.Modified = s.now()
	return put(b, versionKey(key, v.number), v)
}

func dropNull(t *txn, b *bbolt.Bucket, key string) error {
	old, err := null(b, key)
	if err != nil || old == nil {
		return err
	}
	return dropVersion(t, b, key, old)
}

// dropVersion deletes a version for good.
func dropVersion(t *txn, b *bbolt.Bucket, key string, v *version) error {
	if err := b.Delete(versionKey(key, v.number)); err != nil {
		return fmt.Errorf("deleting a version of %q: %w", key, err)
	}
	return t.release(v.Segments)
}
