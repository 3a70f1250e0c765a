package s3

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// copyPart makes a part of bytes of another object: all of it, or x-amz-copy-source-range.
func (s *server) copyPart(w http.ResponseWriter, r *request, u *upload, number int) error {
	src, err := sourceOf(r.Header)
	if err != nil {
		return err
	}
	from, body, err := s.openSource(r, src)
	if err != nil {
		return err
	}
	defer body.Close()
	offset, length, err := copyRange(r.Header.Get("x-amz-copy-source-range"), from.Size)
	if err != nil {
		return err
	}
	d, etag, sum, err := s.duplicate(body.section(offset, length), u.Algorithm)
	if err != nil {
		return err
	}
	made := part{Number: number, Size: d.Size, ETag: etag, Segments: []segment{d.segment}, Sum: sum}
	if err := s.keepPart(r, d, &made); err != nil {
		return err
	}
	s.announceSource(w, src, from)
	u.Version.SSE.setHeaders(w.Header())
	result := struct {
		LastModified time.Time
		ETag         string
		sums
	}{made.Modified, made.etag(), sums{}}
	if u.Explicit {
		result.sums = sum.element()
	}
	return respond(w, "CopyPartResult", result)
}

var firstLast = regexp.MustCompile(`^bytes=\d+-\d+$`)

// copyRange is stricter than a Range header: both ends are given and lie within the source.
func copyRange(spec string, size int64) (offset, length int64, err error) {
	if spec == "" {
		return 0, size, nil
	}
	refused := errInvalidArgument.with("ArgumentName", "x-amz-copy-source-range").with("ArgumentValue", spec)
	if !firstLast.MatchString(spec) {
		return 0, 0, refused.says("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	offset, length, partial, err := parseRange(spec, size)
	if err != nil || !partial || !strings.HasSuffix(spec, "-"+strconv.FormatInt(offset+length-1, 10)) {
		return 0, 0, refused.says("Range specified is not valid for source object of size: %d", size)
	}
	return offset, length, nil
}
