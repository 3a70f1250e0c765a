package s3

import (
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
		for _, tables := range [][]byte{versionsBucket, uploadsBucket} {
			if err := t.Bucket(tables).DeleteBucket([]byte(r.bucket)); err != nil {
				return fmt.Errorf("deleting a table of bucket %q: %w", r.bucket, err)
			}
		}
		if err := t.Bucket(bucketsBucket).Delete([]byte(r.bucket)); err != nil {
			return fmt.Errorf("deleting bucket %q: %w", r.bucket, err)
		}
		return nil
	})
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func dropUploads(t *txn, bucket string) error {
	var ids []string
	err := t.Bucket(uploadsBucket).Bucket([]byte(bucket)).ForEach(func(_, data []byte) error {
		var u upload
		err := decode(data, &u)
		ids = append(ids, u.ID)
		return err
	})
	for _, id := range ids {
		if err == nil {
			err = dropUpload(t, bucket, id, nil)
		}
	}
	return err
}
