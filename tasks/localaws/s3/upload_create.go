package s3

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// createUpload begins a multipart upload.
func (s *server) createUpload(w http.ResponseWriter, r *request) error {
	v, err := s.newVersion(r)
	if err != nil {
		return err
	}
	name := strings.ToUpper(r.Header.Get("x-amz-checksum-algorithm"))
	u := upload{Key: r.key, Initiated: s.now(), Version: *v, Algorithm: cmp.Or(name, defaultAlgorithm), Explicit: name != ""}
	if u.Type, err = parseType(u.Algorithm, strings.ToUpper(r.Header.Get("x-amz-checksum-type"))); err != nil {
		return err
	}
	err = s.update(func(t *txn) error {
		table := t.Bucket(uploadsBucket).Bucket([]byte(r.bucket))
		if table == nil {
			return orNoBucket(nil, r.bucket)
		}
		number, err := table.NextSequence()
		if err != nil {
			return fmt.Errorf("numbering an upload: %w", err)
		}
		u.ID = newID(number)
		return put(table, uploadKey(r.key, number), u)
	})
	if err != nil {
		return err
	}
	v.SSE.setHeaders(w.Header())
	if u.Explicit {
		w.Header().Set("x-amz-checksum-algorithm", u.Algorithm)
		w.Header().Set("x-amz-checksum-type", u.Type)
	}
	return respond(w, "InitiateMultipartUploadResult", struct {
		Bucket   string
		Key      text
		UploadID string `xml:"UploadId"`
	}{r.bucket, text(r.key), u.ID})
}
