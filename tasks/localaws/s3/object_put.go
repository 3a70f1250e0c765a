package s3

import (
	"net/http"
	"strings"
)

// maxObject is the largest body of one PUT, in bytes.
const maxObject = 5 << 30

// putObject stores a body under a key; with x-amz-copy-source, a copy of another object.
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
	p, err := r.payload(maxObject)
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
	h := w.Header()
	h.Set("ETag", v.etag())
	v.SSE.setHeaders(h)
	v.Sum.setHeaders(h)
	s.announceVersion(w, r, v)
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

// announceVersion names the version, unless the bucket never had any, and says so if it is a delete marker.
func (s *server) announceVersion(w http.ResponseWriter, r *request, v *version) {
	if b, err := s.bucket(r.bucket); err == nil && b.Versioning != "" {
		w.Header().Set("x-amz-version-id", v.ID)
	}
	if v.Marker {
		w.Header().Set("x-amz-delete-marker", "true")
	}
}

const (
	metaPrefix  = "x-amz-meta-"
	maxMetadata = 2 << 10 // bytes of metadata names and values
	defaultType = "binary/octet-stream"
)

// storedHeaders are given back as they were sent.
var storedHeaders = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
}

// newVersion reads what a request says of the object it makes, beside its body.
func (s *server) newVersion(r *request) (*version, error) {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return nil, err
	}
	if class := r.Header.Get("x-amz-storage-class"); class != "" && class != "STANDARD" {
		return nil, notImplemented("storage class "+class).with("StorageClassRequested", class)
	}
	v := &version{}
	if v.Headers, err = headersOf(r.Header); err != nil {
		return nil, err
	}
	v.SSE, err = b.encryptionOf(r.Header)
	return v, err
}

func headersOf(h http.Header) (map[string]string, error) {
	stored, size := map[string]string{"Content-Type": defaultType}, 0
	for _, name := range storedHeaders {
		if value := h.Get(name); value != "" {
			stored[name] = value
		}
	}
	for name, values := range h {
		name = strings.ToLower(name)
		if key, ok := strings.CutPrefix(name, metaPrefix); ok {
			stored[name] = strings.Join(values, ",")
			size += len(key) + len(stored[name])
		}
	}
	if size > maxMetadata {
		return nil, errMetadataTooLarge
	}
	return stored, nil
}
