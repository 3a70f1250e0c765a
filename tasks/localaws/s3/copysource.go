package s3

import (
	"net/http"
	"net/url"
	"strings"

	"go.etcd.io/bbolt"
)

// source is the object that a copy reads: x-amz-copy-source is [/]bucket/key[?versionId=…], escaped.
type source struct {
	bucket, key, id string
}

func sourceOf(h http.Header) (source, error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(h.Get("x-amz-copy-source"), "/"), "?")
	path, err := url.PathUnescape(path)
	bucket, key, ok := strings.Cut(path, "/")
	if err != nil || !ok || bucket == "" || key == "" {
		return source{}, errInvalidArgument.says("Invalid copy source object key").with("ArgumentName", "x-amz-copy-source")
	}
	src := source{bucket: bucket, key: key}
	if query != "" {
		id, ok := strings.CutPrefix(query, "versionId=")
		if !ok || id == "" {
			return src, errInvalidArgument.says("Invalid copy source query").with("ArgumentName", "x-amz-copy-source")
		}
		src.id = id
	}
	return src, checkKey(key)
}

// openSource holds the source's body, if the conditions of the copy let it.
func (s *server) openSource(r *request, src source) (*version, *content, error) {
	v, body, err := s.open(func(tx *bbolt.Tx) (*version, error) {
		v, err := find(tx, src.bucket, src.key, src.id)
		if err != nil {
			if v != nil && v.Marker && src.id != "" {
				err = errInvalidRequest.says("The source of a copy request may not specifically refer to a delete marker by version id.")
			}
			return nil, err
		}
		if conditionOf(r.Header, "x-amz-copy-source-").read(v) != nil {
			return nil, errPrecondition // 304 is no answer to a write
		}
		return v, nil
	})
	if err != nil {
		return nil, nil, err
	}
	if v.Size > maxObject {
		body.Close()
		return nil, nil, errInvalidRequest.says("The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(maxObject))
	}
	return v, body, nil
}

// announceSource names the version that was copied.
func (s *server) announceSource(w http.ResponseWriter, src source, v *version) {
	if b, err := s.bucket(src.bucket); err == nil && b.Versioning != "" {
		w.Header().Set("x-amz-copy-source-version-id", v.ID)
	}
}
