package s3

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
)

// getObject sends a version, or with HEAD what is known of it.
func (s *server) getObject(w http.ResponseWriter, r *request) error {
	id := r.query.Get("versionId")
	v, body, err := s.open(func(tx *bbolt.Tx) (*version, error) { return find(tx, r.bucket, r.key, id) })
	if v != nil {
		w.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
		s.announceVersion(w, r, v)
	}
	if err != nil {
		return err
	}
	defer body.close()
	h := w.Header()
	h.Set("ETag", v.etag())
	if err := conditionOf(r.Header).read(v); err != nil {
		return err
	}
	offset, length, partial, err := parseRange(r.Header.Get("Range"), v.Size)
	if err != nil {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", v.Size))
		return err
	}
	describe(h, v)
	if !partial && r.Header.Get("x-amz-checksum-mode") == "ENABLED" {
		v.Sum.setHeaders(h)
	}
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, offset+length-1, v.Size))
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	if n, err := io.Copy(w, body.section(offset, length)); err != nil || n != length {
		panic(http.ErrAbortHandler) // the status is out: only a cut connection can say that the body is short
	}
	return nil
}

// describe sets what is known of the object.
func describe(h http.Header, v *version) {
	for name, value := range v.Headers {
		if strings.HasPrefix(name, metaPrefix) {
			h[name] = []string{value} // in lower case, as S3 sends it; Set would write X-Amz-Meta-Name
		} else {
			h.Set(name, value)
		}
	}
	h.Set("Accept-Ranges", "bytes")
	v.SSE.setHeaders(h)
}

// parseRange reads a Range header of one range. With several ranges, or with what is no range of bytes, the whole
// object is sent, as S3 does.
func parseRange(header string, size int64) (offset, length int64, partial bool, err error) {
	tooFar := errInvalidRange.with("ActualObjectSize", strconv.FormatInt(size, 10)).with("RangeRequested", header)
	spec, ok := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return 0, size, false, nil
	}
	if first == "" { // the last bytes
		n, err := strconv.ParseUint(last, 10, 63)
		if err != nil {
			return 0, size, false, nil
		}
		if n == 0 || size == 0 {
			return 0, 0, false, tooFar
		}
		length = min(int64(n), size)
		return size - length, length, true, nil
	}
	from, err := strconv.ParseUint(first, 10, 63)
	if err != nil {
		return 0, size, false, nil
	}
	to := uint64(size) - 1
	if last != "" {
		if to, err = strconv.ParseUint(last, 10, 63); err != nil || to < from {
			return 0, size, false, nil
		}
	}
	if int64(from) >= size {
		return 0, 0, false, tooFar
	}
	return int64(from), min(int64(to), size-1) - int64(from) + 1, true, nil
}
