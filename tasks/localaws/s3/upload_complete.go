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
		v, err = s.complete(t, r, c.Part, when)
		return err
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

// complete replaces the upload by the object.
func (s *server) complete(t *txn, r *request, listed []completePart, when condition) (*version, error) {
	u, err := findUpload(t.Tx, r.bucket, r.key, r.query.Get("uploadId"))
	if err != nil {
		return nil, err
	}
	parts, kept, err := chooseParts(t.Tx, u, listed)
	if err != nil {
		return nil, err
	}
	v, err := assemble(u, parts)
	if err != nil {
		return nil, err
	}
	if err := confirm(r.Header, u, v); err != nil {
		return nil, err
	}
	if err := dropUpload(t, r.bucket, u, kept); err != nil {
		return nil, err
	}
	return v, s.writeVersion(t, r.bucket, r.key, v, when)
}
