package s3

import (
	"encoding/json"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// The top-level buckets of the store.
var (
	bucketsBucket  = []byte("s3.buckets")  // name → bucketRecord
	versionsBucket = []byte("s3.versions") // name → bucket of versionKey → version
	uploadsBucket  = []byte("s3.uploads")  // name → bucket of id → upload
	partsBucket    = []byte("s3.parts")    // partKey → part
	inlineBucket   = []byte("s3.inline")   // segment id → bytes
	filesBucket    = []byte("s3.files")    // segment id → nothing: files that a record refers to
)

// prepare makes the buckets, if the store is new, and collects leftovers. A prepared store is only read.
func (s *server) prepare() error {
	prepared := false
	err := s.db.View(func(tx *bbolt.Tx) error {
		prepared = tx.Bucket(filesBucket) != nil
		return nil
	})
	if err == nil && !prepared {
		err = s.db.Update(func(tx *bbolt.Tx) error {
			for _, name := range [][]byte{bucketsBucket, versionsBucket, uploadsBucket, partsBucket, inlineBucket, filesBucket} {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return fmt.Errorf("making bucket %q of the store: %w", name, err)
				}
			}
			return nil
		})
	}
	if err != nil {
		return err
	}
	return s.collect()
}

// collect removes body files that no record refers to. Its cost is that of a directory listing and a
// look-up each, and only bodies over 64 KiB are files.
func (s *server) collect() error {
	entries, err := os.ReadDir(s.files.bodies)
	if err != nil {
		return fmt.Errorf("listing bodies: %w", err)
	}
	return s.db.View(func(tx *bbolt.Tx) error {
		referred := tx.Bucket(filesBucket)
		for _, e := range entries {
			if referred.Get([]byte(e.Name())) != nil {
				continue
			}
			if err := os.RemoveAll(s.files.path(e.Name())); err != nil {
				return fmt.Errorf("removing an abandoned body: %w", err)
			}
		}
		return nil
	})
}

// txn is a write transaction and the files that nothing refers to once it is committed.
type txn struct {
	*bbolt.Tx
	unlinked []string
}

// update runs fn alone among writers; what it decides on cannot change before it is committed. Files
// that it released are removed afterwards: a crash in between leaves them to New.
func (s *server) update(fn func(*txn) error) error {
	var t txn
	err := s.db.Update(func(tx *bbolt.Tx) error {
		t = txn{Tx: tx}
		return fn(&t)
	})
	if err != nil {
		return err
	}
	s.files.remove(t.unlinked)
	return nil
}

// release gives up the bytes of segments that no record will refer to.
func (t *txn) release(segments []segment) error {
	for _, g := range segments {
		home := filesBucket
		if g.Inline {
			home = inlineBucket
		} else {
			t.unlinked = append(t.unlinked, g.ID)
		}
		if err := t.Bucket(home).Delete([]byte(g.ID)); err != nil {
			return fmt.Errorf("releasing body %q: %w", g.ID, err)
		}
	}
	return nil
}

// put writes v as JSON.
func put(b *bbolt.Bucket, key []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding a record: %w", err)
	}
	if err := b.Put(key, data); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

// get reads JSON into v and reports whether there was any.
func get(b *bbolt.Bucket, key []byte, v any) (bool, error) {
	data := b.Get(key)
	if data == nil {
		return false, nil
	}
	return true, decode(data, v)
}

func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("decoding a record: %w", err)
	}
	return nil
}
