package s3

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	maxMetadata = 2 << 10 // bytes of x-amz-meta- names and values
	defaultType = "binary/octet-stream"
)

// storedHeaders are given back as they were sent.
var storedHeaders = []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"}

// storageClasses are the ones whose objects can be read at once. The archives cannot, and S3 has no
// others for buckets of this kind.
var storageClasses = []string{"", "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}

// newVersion reads what a request says of the object it makes, beside its body.
func (s *server) newVersion(r *request) (*version, error) {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return nil, err
	}
	if err := b.refuseACL(r.Header); err != nil {
		return nil, err
	}
	v := &version{}
	if v.Headers, err = metadata(r.Header); err != nil {
		return nil, err
	}
	if v.SSE, err = b.encryptionOf(r.Header); err != nil {
		return nil, err
	}
	if v.Class, err = storageClass(r.Header); err != nil {
		return nil, err
	}
	v.Tags, err = tagHeader(r.Header)
	return v, err
}

func metadata(h http.Header) (map[string]string, error) {
	stored, size := map[string]string{"Content-Type": defaultType}, 0
	for _, name := range storedHeaders {
		if value := h.Get(name); value != "" {
			stored[name] = value
		}
	}
	if encoding := withoutChunked(h.Get("Content-Encoding")); encoding != "" {
		stored["Content-Encoding"] = encoding
	} else {
		delete(stored, "Content-Encoding")
	}
	for name, values := range h {
		name = strings.ToLower(name)
		if meta, ok := strings.CutPrefix(name, "x-amz-meta-"); ok {
			value := strings.Join(values, ",")
			stored[name] = value
			size += len(meta) + len(value)
		}
	}
	if size > maxMetadata {
		return nil, errMetadataTooLarge
	}
	return stored, nil
}

// withoutChunked drops aws-chunked, which is about the request and not about the object.
func withoutChunked(encoding string) string {
	parts := strings.Split(encoding, ",")
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.TrimSpace(p) == "aws-chunked" })
	return strings.TrimSpace(strings.Join(parts, ","))
}

func storageClass(h http.Header) (string, error) {
	class := h.Get("x-amz-storage-class")
	switch {
	case class == "GLACIER", class == "DEEP_ARCHIVE":
		return "", notImplemented("storage class " + class)
	case !slices.Contains(storageClasses, class):
		return "", errInvalidStorageClass.with("StorageClassRequested", class)
	case class == "STANDARD":
		class = ""
	}
	return class, nil
}

// tagHeader reads x-amz-tagging, which is written like a query.
func tagHeader(h http.Header) ([]tag, error) {
	query, err := url.ParseQuery(h.Get("x-amz-tagging"))
	if err != nil {
		return nil, errInvalidArgument.says("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	var tags []tag
	for key, values := range query {
		for _, value := range values {
			tags = append(tags, tag{key, value})
		}
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, checkTags(tags, maxObjectTags)
}
