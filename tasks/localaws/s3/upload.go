package s3

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"go.etcd.io/bbolt"
)

const (
	maxPartNumber = 10000
	minPart       = 5 << 20 // bytes, of every part but the last
)

// upload is a multipart upload that is neither completed nor aborted.
type upload struct {
	ID        string
	Key       string
	Version   version // what the object will have: headers and encryption
	Algorithm string  // of the checksum that every part must bring; "" if the client chose none
}

// part is one uploaded part. Uploading its number again replaces it.
type part struct {
	Number   int
	Size     int64
	ETag     string
	Segments []segment
	Sum      checksum
}

// findUpload reads the upload that a request names by its id; the key must be the one it was created for.
func findUpload(tx *bbolt.Tx, r *request) (*upload, error) {
	var u upload
	id, found := r.query.Get("uploadId"), false
	if table := tx.Bucket(uploadsBucket).Bucket([]byte(r.bucket)); table != nil {
		var err error
		if found, err = get(table, []byte(id), &u); err != nil {
			return nil, err
		}
	}
	if !found || u.Key != r.key {
		return nil, errNoSuchUpload.with("UploadId", id)
	}
	return &u, nil
}

// abortUpload gives up an upload and the bytes of its parts.
func (s *server) abortUpload(w http.ResponseWriter, r *request) error {
	err := s.update(func(t *txn) error {
		u, err := findUpload(t.Tx, r)
		if err != nil {
			return err
		}
		return dropUpload(t, r.bucket, u.ID, nil)
	})
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// dropUpload deletes an upload and its parts, and the bytes of the parts that are not in kept.
func dropUpload(t *txn, bucket, id string, kept map[int]bool) error {
	if err := t.Bucket(uploadsBucket).Bucket([]byte(bucket)).Delete([]byte(id)); err != nil {
		return fmt.Errorf("deleting upload %q: %w", id, err)
	}
	var parts []part
	c := t.Bucket(partsBucket).Cursor()
	for k, data := c.Seek([]byte(id)); bytes.HasPrefix(k, []byte(id)); k, data = c.Next() {
		var p part
		if err := decode(data, &p); err != nil {
			return err
		}
		parts = append(parts, p)
	}
	for _, p := range parts {
		if err := t.Bucket(partsBucket).Delete(partKey(id, p.Number)); err != nil {
			return fmt.Errorf("deleting part %d: %w", p.Number, err)
		}
		if !kept[p.Number] {
			if err := t.release(p.Segments); err != nil {
				return err
			}
		}
	}
	return nil
}

// createUpload begins a multipart upload.
func (s *server) createUpload(w http.ResponseWriter, r *request) error {
	v, err := s.newVersion(r)
	if err != nil {
		return err
	}
	algorithm := strings.ToUpper(r.Header.Get("x-amz-checksum-algorithm"))
	u := upload{ID: rand.Text(), Key: r.key, Version: *v, Algorithm: algorithm}
	if u.Algorithm != "" && algorithms[u.Algorithm] == nil {
		return notImplemented("checksum algorithm " + u.Algorithm)
	}
	err = s.update(func(t *txn) error {
		table := t.Bucket(uploadsBucket).Bucket([]byte(r.bucket))
		if table == nil {
			return errNoSuchBucket.with("BucketName", r.bucket)
		}
		return put(table, []byte(u.ID), u)
	})
	if err != nil {
		return err
	}
	v.SSE.setHeaders(w.Header())
	if u.Algorithm != "" {
		w.Header().Set("x-amz-checksum-algorithm", u.Algorithm)
	}
	return respond(w, "InitiateMultipartUploadResult", struct {
		Bucket, Key string
		UploadID    string `xml:"UploadId"`
	}{r.bucket, r.key, u.ID})
}
