package s3

import (
	"bytes"
	"fmt"
	"time"

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
	Initiated time.Time
	Version   version // what the object will have: metadata, encryption, class, tags
	Algorithm string
	Type      string // of its checksum
	Explicit  bool   // the client chose the algorithm, so every part must bring a sum of it
}

// part is one uploaded part. Uploading its number again replaces it.
type part struct {
	Number   int
	Size     int64
	ETag     string
	Modified time.Time
	Segments []segment
	Sum      checksum // of the upload's algorithm
	Sent     checksum // of the client's, if another
}

func (p *part) etag() string { return `"` + p.ETag + `"` }

// findUpload reads an upload by its id; the key must be the one it was created for.
func findUpload(tx *bbolt.Tx, bucket, key, id string) (*upload, error) {
	missing := errNoSuchUpload.with("UploadId", id)
	number, ok := numberOf(id)
	table := tx.Bucket(uploadsBucket).Bucket([]byte(bucket))
	if !ok || table == nil {
		return nil, missing
	}
	var u upload
	ok, err := get(table, uploadKey(key, number), &u)
	if err != nil {
		return nil, err
	}
	if !ok || u.ID != id {
		return nil, missing
	}
	return &u, nil
}

// eachPart calls visit with the upload's parts after a number, in order, until it says to stop.
func eachPart(tx *bbolt.Tx, id string, after int, visit func(part) (stop bool)) error {
	c := tx.Bucket(partsBucket).Cursor()
	for k, data := c.Seek(partKey(id, after+1)); bytes.HasPrefix(k, []byte(id)); k, data = c.Next() {
		var p part
		if err := decode(data, &p); err != nil {
			return err
		}
		if visit(p) {
			return nil
		}
	}
	return nil
}

// dropParts deletes the parts of an upload, and the bytes of those not in kept.
func dropParts(t *txn, id string, kept map[int]bool) error {
	var parts []part
	if err := eachPart(t.Tx, id, 0, func(p part) bool { parts = append(parts, p); return false }); err != nil {
		return err
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

// dropUpload ends an upload.
func dropUpload(t *txn, bucket string, u *upload, kept map[int]bool) error {
	number, _ := numberOf(u.ID)
	if err := t.Bucket(uploadsBucket).Bucket([]byte(bucket)).Delete(uploadKey(u.Key, number)); err != nil {
		return fmt.Errorf("deleting upload %q: %w", u.ID, err)
	}
	return dropParts(t, u.ID, kept)
}
