package s3

import "net/http"

// maxObject is the largest body of one PUT, in bytes.
const maxObject = 5 << 30

// putObject stores a body under a key; with x-amz-copy-source, somebody else's.
func (s *server) putObject(w http.ResponseWriter, r *request) error {
	if r.Header.Get("x-amz-copy-source") != "" {
		return s.copyObject(w, r)
	}
	when, err := writeCondition(r.Header)
	if err != nil {
		return err
	}
	v, err := s.newVersion(r)
	if err != nil {
		return err
	}
	p, err := r.payload(maxObject, verifyChecksum)
	if err != nil {
		return err
	}
	d, err := s.files.receive(p)
	if err != nil {
		return err
	}
	v.ETag, v.Sum = p.etag(), p.checksum()
	if err := s.store(r, d, v, when); err != nil {
		return err
	}
	s.announce(w, r, v)
	v.Sum.setHeaders(w.Header())
	w.WriteHeader(http.StatusOK)
	return nil
}

// store makes a body and the version that refers to it last, or neither.
func (s *server) store(r *request, d *draft, v *version, when condition) error {
	v.Size, v.Segments = d.Size, []segment{d.segment}
	err := s.update(func(t *txn) error {
		if err := d.keep(t); err != nil {
			return err
		}
		return s.writeVersion(t, r.bucket, r.key, v, when)
	})
	d.settle(err)
	return err
}

// announce sets the headers that every write answers with.
func (s *server) announce(w http.ResponseWriter, r *request, v *version) {
	h := w.Header()
	h.Set("ETag", v.etag())
	v.SSE.setHeaders(h)
	s.announceVersion(w, r, v)
}

// announceVersion names the version, unless the bucket never had any.
func (s *server) announceVersion(w http.ResponseWriter, r *request, v *version) {
	if b, err := s.bucket(r.bucket); err == nil && b.Versioning != "" {
		w.Header().Set("x-amz-version-id", v.ID)
	}
}
