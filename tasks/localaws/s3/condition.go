package s3

import (
	"net/http"
	"strings"
)

// condition is what a request requires of the object that is there: "", "*" or entity tags.
type condition struct {
	match, noneMatch string
}

func conditionOf(h http.Header) condition {
	return condition{h.Get("If-Match"), h.Get("If-None-Match")}
}

// writeCondition takes what S3 accepts on writes: one of If-None-Match: * and If-Match: an entity tag
// (User Guide, "How to prevent object overwrites with conditional writes").
func writeCondition(h http.Header) (condition, error) {
	c := conditionOf(h)
	switch {
	case c.match != "" && c.noneMatch != "":
		return c, notImplemented("If-Match and If-None-Match together").with("Header", "If-Match,If-None-Match")
	case c.noneMatch != "" && c.noneMatch != "*":
		return c, notImplemented("If-None-Match other than * on a write").with("Header", "If-None-Match")
	case c.match == "*":
		return c, notImplemented("If-Match: * on a write").with("Header", "If-Match")
	}
	return c, nil
}

// write decides whether a key may be written over now, its current object; nil stands for none,
// and for a delete marker, which counts as none.
func (c condition) write(now *version, key string) error {
	switch {
	case c.noneMatch != "" && now != nil:
		return errPrecondition.with("Condition", "If-None-Match")
	case c.match != "" && now == nil:
		return errNoSuchKey.with("Key", key)
	case c.match != "" && !matches(c.match, now.ETag):
		return errPrecondition.with("Condition", "If-Match")
	}
	return nil
}

// read decides whether v may be read (RFC 9110, section 13.2.2): nil, 412 or 304.
func (c condition) read(v *version) error {
	switch {
	case c.match != "" && !matches(c.match, v.ETag):
		return errPrecondition.with("Condition", "If-Match")
	case c.noneMatch != "" && matches(c.noneMatch, v.ETag):
		return errNotModified
	}
	return nil
}

// matches compares entity tags as S3 does: a list, "*" for any, with or without quotes.
func matches(list, etag string) bool {
	for want := range strings.SplitSeq(list, ",") {
		want = strings.Trim(strings.TrimPrefix(strings.TrimSpace(want), "W/"), `"`)
		if want == "*" || want == etag {
			return true
		}
	}
	return false
}
