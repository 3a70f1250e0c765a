package s3

import (
	"bytes"
	"fmt"
	"net/http"
)

// deleteBucket removes a bucket that holds no version and no delete marker. Unfinished uploads go with it.
func (s *server) deleteBucket(w http.ResponseWriter, r *request) error {
	err := s.update(func(t *txn) error {
		b, err := versions(t.Tx, r.bucket)
		if err != nil {
			return err
		}
		if k, _ := b.Cursor().First(); k != nil {
			return errBucketNotEmpty.with("BucketName", r.bucket)
		}
		if err := dropUploads(t, r.bucket); err != nil {
			return err
		}
		if err := t.Bucket(versionsBucket).DeleteBucket([]byte(r.bucket)); err != nil {
			return fmt.Errorf("deleting the table of bucket %q: %w", r.bucket, err)
		}
		if err := t.Bucket(bucketsBucket).Delete([]byte(r.bucket)); err != nil {
			return fmt.Errorf("deleting bucket %q: %w", r.bucket, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return noContent(w)
}

func dropUploads(t *txn, bucket string) error {
	table := t.Bucket(uploadsBucket).Bucket([]byte(bucket))
	var rows [][]byte
	c := table.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		rows = append(rows, bytes.Clone(k))
	}
	for _, row := range rows {
		var u upload
		if _, err := get(table, row, &u); err != nil {
			return err
		}
		if err := dropParts(t, u.ID, nil); err != nil {
			return err
		}
	}
	if err := t.Bucket(uploadsBucket).DeleteBucket([]byte(bucket)); err != nil {
		return fmt.Errorf("deleting the uploads of bucket %q: %w", bucket, err)
	}
	return nil
}
