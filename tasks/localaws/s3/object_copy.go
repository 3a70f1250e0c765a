package s3

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// copyObject stores the bytes of another object, with its metadata unless told to replace it.
func (s *server) copyObject(w http.ResponseWriter, r *request) error {
	when, err := writeCondition(r.Header)
	if err != nil {
		return err
	}
	src, err := sourceOf(r.Header)
	if err != nil {
		return err
	}
	if b, err := s.bucket(src.bucket); err == nil && !s.owns(r, b) {
		return errAccessDenied
	}
	v, err := s.newVersion(r)
	if err != nil {
		return err
	}
	from, body, err := s.openSource(src)
	if err != nil {
		return err
	}
	defer body.close()
	if err := s.inherit(v, from, r, src); err != nil {
		return err
	}
	d, err := s.duplicate(r, v, from, body)
	if err != nil {
		return err
	}
	if err := s.store(r, d, v, when); err != nil {
		return err
	}
	if b, err := s.bucket(src.bucket); err == nil && b.Versioning != "" {
		w.Header().Set("x-amz-copy-source-version-id", from.ID)
	}
	s.announceVersion(w, r, v)
	v.SSE.setHeaders(w.Header())
	return respond(w, "CopyObjectResult", struct {
		LastModified time.Time
		ETag         string
	}{v.Modified, v.etag()})
}

// source is the object that a copy reads: x-amz-copy-source is [/]bucket/key[?versionId=…], escaped.
type source struct {
	bucket, key, id string
}

func sourceOf(h http.Header) (source, error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(h.Get("x-amz-copy-source"), "/"), "?")
	path, err := url.PathUnescape(path)
	bucket, key, ok := strings.Cut(path, "/")
	id, versioned := strings.CutPrefix(query, "versionId=")
	if err != nil || !ok || bucket == "" || key == "" || query != "" && (!versioned || id == "") {
		return source{}, errInvalidArgument.says("Invalid copy source").with("ArgumentName", "x-amz-copy-source")
	}
	return source{bucket, key, id}, checkKey(key)
}

// openSource opens the source's body.
func (s *server) openSource(src source) (*version, content, error) {
	v, body, err := s.open(func(tx *bbolt.Tx) (*version, error) { return find(tx, src.bucket, src.key, src.id) })
	if v != nil && v.Marker && src.id != "" {
		const wrong = "The source of a copy request may not specifically refer to a delete marker by version id."
		return nil, nil, errInvalidRequest.says(wrong)
	}
	return v, body, err
}

// duplicate receives the bytes of another version as the body of v, and sums them up.
func (s *server) duplicate(r *request, v, from *version, body content) (*draft, error) {
	asked := strings.ToUpper(r.Header.Get("x-amz-checksum-algorithm"))
	name := cmp.Or(asked, from.Sum.Algorithm, defaultAlgorithm)
	if algorithms[name] == nil {
		return nil, notImplemented("checksum algorithm " + name)
	}
	m, h := md5.New(), algorithms[name]()
	d, err := s.files.receive(io.TeeReader(body.section(0, from.Size), io.MultiWriter(m, h)))
	v.ETag, v.Sum = hex.EncodeToString(m.Sum(nil)), sumOf(name, h)
	return d, err
}

// inherit takes over the source's metadata, unless the directive says REPLACE. A copy onto itself must change something,
// or write anew what the request or the bucket says of the storage class or the encryption.
func (s *server) inherit(v, from *version, r *request, src source) error {
	const header = "x-amz-metadata-directive"
	switch directive := cmp.Or(r.Header.Get(header), "COPY"); directive {
	case "REPLACE":
		return nil
	case "COPY":
		v.Headers = from.Headers
	default:
		return errInvalidArgument.says("Unknown metadata directive.").with("ArgumentName", header)
	}
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	anew := r.Header.Get(sseHeader)+r.Header.Get("x-amz-storage-class") != "" || b.Encryption != nil
	if src == (source{r.bucket, r.key, ""}) && !anew {
		return errInvalidRequest.says("This copy request is illegal because it is trying to copy an object to itself " +
			"without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return nil
}
