package s3

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"

	"go.etcd.io/bbolt"
)

// putPart stores one part; with x-amz-copy-source, bytes of another object.
func (s *server) putPart(w http.ResponseWriter, r *request) error {
	number, err := partNumber(r)
	if err != nil {
		return err
	}
	u, err := s.upload(r)
	if err != nil {
		return err
	}
	if r.Header.Get("x-amz-copy-source") != "" {
		return s.copyPart(w, r, u, number)
	}
	sent, err := partChecksum(r.Header, u)
	if err != nil {
		return err
	}
	p, err := r.payload(maxObject, verifyChecksum)
	if err != nil {
		return err
	}
	h := algorithms[u.Algorithm].hash()
	d, err := s.files.receive(io.TeeReader(p, h))
	if err != nil {
		return err
	}
	made := part{
		Number: number, Size: d.Size, ETag: p.etag(), Segments: []segment{d.segment},
		Sum: checksum{u.Algorithm, base64.StdEncoding.EncodeToString(h.Sum(nil)), fullObject},
	}
	if sent != "" && sent != u.Algorithm {
		made.Sent = p.checksum()
	}
	if err := s.keepPart(r, d, &made); err != nil {
		return err
	}
	w.Header().Set("ETag", made.etag())
	u.Version.SSE.setHeaders(w.Header())
	if sent != "" {
		w.Header().Set("x-amz-checksum-"+strings.ToLower(sent), p.checksum().Value)
	}
	return nil
}

func partNumber(r *request) (int, error) {
	n, err := intParam(r.query, "partNumber", 0, 1, maxPartNumber)
	if err != nil || n == 0 {
		return 0, errInvalidArgument.says("Part number must be an integer between 1 and 10000, inclusive").with("ArgumentName", "partNumber")
	}
	return n, nil
}

func (s *server) upload(r *request) (u *upload, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		u, err = findUpload(tx, r.bucket, r.key, r.query.Get("uploadId"))
		return err
	})
	return u, err
}

// partChecksum is the algorithm of the sum that the part brings, "" if it brings none. An upload that
// was created with an algorithm takes no other.
func partChecksum(h http.Header, u *upload) (string, error) {
	sum, err := headerChecksum(h)
	if err != nil {
		return "", err
	}
	name := sum.Algorithm
	if trailer, ok := strings.CutPrefix(strings.ToLower(h.Get("x-amz-trailer")), "x-amz-checksum-"); ok {
		name = strings.ToUpper(trailer)
	}
	if u.Explicit && name != u.Algorithm {
		actual := strings.ToLower(name)
		if actual == "" {
			actual = "null"
		}
		return "", errInvalidRequest.says("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", strings.ToLower(u.Algorithm), actual)
	}
	return name, nil
}

// keepPart writes a part's record, if the upload is still there, and lets go of the part it replaces.
func (s *server) keepPart(r *request, d *draft, made *part) error {
	made.Modified = s.now()
	err := s.update(func(t *txn) error {
		u, err := findUpload(t.Tx, r.bucket, r.key, r.query.Get("uploadId"))
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
