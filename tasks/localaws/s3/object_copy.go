package s3

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"
)

type copyResult struct {
	LastModified time.Time
	ETag         string
	ChecksumType string `xml:",omitempty"`
	sums
}

// copyObject stores the bytes of another object, with its metadata and tags unless told to replace them.
func (s *server) copyObject(w http.ResponseWriter, r *request) error {
	when, err := writeCondition(r.Header)
	if err != nil {
		return err
	}
	src, err := sourceOf(r.Header)
	if err != nil {
		return err
	}
	v, err := s.newVersion(r)
	if err != nil {
		return err
	}
	from, body, err := s.openSource(r, src)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := inherit(v, from, r, src); err != nil {
		return err
	}
	name := cmp.Or(strings.ToUpper(r.Header.Get("x-amz-checksum-algorithm")), from.Sum.Algorithm, defaultAlgorithm)
	d, etag, sum, err := s.duplicate(body.section(0, from.Size), name)
	if err != nil {
		return err
	}
	v.ETag, v.Sum = etag, sum
	if err := s.store(r, d, v, when); err != nil {
		return err
	}
	s.announceSource(w, src, from)
	s.announceVersion(w, r, v)
	v.SSE.setHeaders(w.Header())
	return respond(w, "CopyObjectResult", copyResult{v.Modified, v.etag(), v.Sum.Type, v.Sum.element()})
}

// duplicate receives bytes of this store again, summing them up.
func (s *server) duplicate(src io.Reader, name string) (*draft, string, checksum, error) {
	if algorithms[name] == nil {
		return nil, "", checksum{}, notImplemented("checksum algorithm " + name)
	}
	m, h := md5.New(), algorithms[name].hash()
	d, err := s.files.receive(io.TeeReader(src, io.MultiWriter(m, h)))
	if err != nil {
		return nil, "", checksum{}, err
	}
	return d, hex.EncodeToString(m.Sum(nil)), checksum{name, base64.StdEncoding.EncodeToString(h.Sum(nil)), fullObject}, nil
}

// inherit takes over what the directives say; COPY is the default of both.
func inherit(v, from *version, r *request, src source) error {
	metadata, err := directive(r, "x-amz-metadata-directive")
	if err != nil {
		return err
	}
	tags, err := directive(r, "x-amz-tagging-directive")
	if err != nil {
		return err
	}
	same := src.bucket == r.bucket && src.key == r.key && src.id == ""
	if same && metadata == "COPY" && r.Header.Get("x-amz-server-side-encryption") == "" && v.Class == from.Class {
		return errInvalidRequest.says("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	if metadata == "COPY" {
		v.Headers = from.Headers
	}
	if tags == "COPY" {
		v.Tags = from.Tags
	}
	return nil
}

func directive(r *request, name string) (string, error) {
	switch d := cmp.Or(r.Header.Get(name), "COPY"); d {
	case "COPY", "REPLACE":
		return d, nil
	}
	return "", errInvalidArgument.says("Unknown %s.", strings.TrimPrefix(name, "x-amz-")).with("ArgumentName", name)
}
