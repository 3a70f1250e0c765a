package s3

import (
	"net/http"
)

type completeRequest struct {
	Part []completePart
}

type completePart struct {
	PartNumber int
	ETag       string
	sums
}

type completeResult struct {
	Location string
	Bucket   string
	Key      text
	ETag     string
	sums
	ChecksumType string
}

// completeUpload makes an object of the parts that the client lists. The parts become the object's
// segments: nothing is copied, and the object is there or not in one transaction.
func (s *server) completeUpload(w http.ResponseWriter, r *request) error {
	when, err := writeCondition(r.Header)
	if err != nil {
		return err
	}
	data, err := readDocument(r, ignoreChecksum)
	if err != nil {
		return err
	}
	var c completeRequest
	if err := decodeXML(data, "CompleteMultipartUpload", &c); err != nil {
		return err
	}
	if len(c.Part) == 0 || len(c.Part) > maxPartNumber {
		return errMalformedXML
	}
	var v *version
	err = s.update(func(t *txn) error {
		u, err := findUpload(t.Tx, r.bucket, r.key, r.query.Get("uploadId"))
		if err != nil {
			return err
		}
		parts, kept, err := chooseParts(t.Tx, u, c.Part)
		if err != nil {
			return err
		}
		if v, err = assemble(u, parts); err != nil {
			return err
		}
		if err := confirm(r.Header, u, v); err != nil {
			return err
		}
		if err := dropUpload(t, r.bucket, u, kept); err != nil {
			return err
		}
		return s.writeVersion(t, r.bucket, r.key, v, when)
	})
	if err != nil {
		return err
	}
	s.announceVersion(w, r, v)
	v.SSE.setHeaders(w.Header())
	return respond(w, "CompleteMultipartUploadResult", completeResult{
		Location: "http://" + r.Host + r.URL.EscapedPath(), Bucket: r.bucket, Key: text(r.key), ETag: v.etag(),
		sums: v.Sum.element(), ChecksumType: v.Sum.Type,
	})
}
