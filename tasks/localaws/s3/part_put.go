package s3

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
)

// putPart stores one part.
func (s *server) putPart(w http.ResponseWriter, r *request) error {
	if r.Header.Get("x-amz-copy-source") != "" {
		return notImplemented("UploadPartCopy")
	}
	number, err := strconv.Atoi(r.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxPartNumber {
		const wrong = "Part number must be an integer between 1 and 10000, inclusive"
		return errInvalidArgument.says(wrong).with("ArgumentName", "partNumber").
			with("ArgumentValue", r.query.Get("partNumber"))
	}
	var u *upload
	err = s.db.View(func(tx *bbolt.Tx) (err error) {
		u, err = findUpload(tx, r)
		return err
	})
	if err != nil {
		return err
	}
	p, err := r.payload(maxObject)
	if err != nil {
		return err
	}
	if u.Algorithm != "" && (p.wantSum == "" || p.algorithm != u.Algorithm) {
		const wrong = "Checksum Type mismatch occurred, expected checksum Type: %s"
		return errInvalidRequest.says(wrong, strings.ToLower(u.Algorithm))
	}
	d, err := s.files.receive(p)
	if err != nil {
		return err
	}
	made := part{Number: number, Size: d.Size, ETag: p.etag(), Segments: []segment{d.segment}, Sum: p.checksum()}
	if err := s.keepPart(r, d, &made); err != nil {
		return err
	}
	w.Header().Set("ETag", `"`+made.ETag+`"`)
	u.Version.SSE.setHeaders(w.Header())
	w.Header().Set(checksumHeader(made.Sum.Algorithm), made.Sum.Value)
	return nil
}

// keepPart writes a part's record, if the upload is still there, and lets go of the part it replaces.
func (s *server) keepPart(r *request, d *draft, made *part) error {
	err := s.update(func(t *txn) error {
		u, err := findUpload(t.Tx, r)
		if err != nil {
			return err
		}
		var old part
		if _, err := get(t.Bucket(partsBucket), partKey(u.ID, made.Number), &old); err != nil {
			return err
		}
		if err := t.release(old.Segments); err != nil {
			return err
		}
		if err := d.keep(t); err != nil {
			return err
		}
		return put(t.Bucket(partsBucket), partKey(u.ID, made.Number), made)
	})
	d.settle(err)
	if err != nil {
		return fmt.Errorf("keeping part %d: %w", made.Number, err)
	}
	return nil
}
