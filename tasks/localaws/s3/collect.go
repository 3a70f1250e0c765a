package s3

import (
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

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
