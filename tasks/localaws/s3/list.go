package s3

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
)

// maxPage is the most entries, keys and common prefixes together, that one listing has.
const maxPage = 1000

// listing is what every listing of keys is asked.
type listing struct {
	prefix, delimiter string
	max               int
	escape            func(string) text // encoding-type
}

func listingOf(query url.Values, maxName string) (listing, error) {
	l := listing{prefix: query.Get("prefix"), delimiter: query.Get("delimiter")}
	var err error
	if l.max, err = intParam(query, maxName, maxPage, 0, 1<<31-1); err != nil {
		return l, err
	}
	l.max = min(l.max, maxPage)
	switch query.Get("encoding-type") {
	case "":
		l.escape = func(s string) text { return text(s) }
	case "url":
		l.escape = func(s string) text { return text(strings.ReplaceAll(url.QueryEscape(s), "%2F", "/")) }
	default:
		return l, errInvalidArgument.says("Invalid Encoding Method specified in Request").with("ArgumentName", "encoding-type")
	}
	return l, nil
}

// group is the common prefix that a key is rolled up into, if any.
func (l listing) group(key string) (string, bool) {
	if l.delimiter == "" {
		return "", false
	}
	i := strings.Index(key[len(l.prefix):], l.delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(l.prefix)+i+len(l.delimiter)], true
}

// from is the row where a listing begins that goes on after a key or a common prefix.
func (l listing) from(after string) []byte {
	start := escapeKey(l.prefix)
	if after == "" {
		return start
	}
	next := pastRows(after)
	if g, ok := "", false; strings.HasPrefix(after, l.prefix) {
		if g, ok = l.group(after); ok && g == after {
			next = pastPrefix(after) // all of the group was listed, as one
		}
	}
	if bytes.Compare(next, start) > 0 {
		return next
	}
	return start
}

// rowsFrom calls visit with every row of the prefix from start on; visit says where to go on, nil being
// the next row, and whether to stop.
func (l listing) rowsFrom(b *bbolt.Bucket, start []byte, visit func(key string, row, data []byte) (next []byte, stop bool, err error)) error {
	c, prefix := b.Cursor(), escapeKey(l.prefix)
	for k, data := c.Seek(start); k != nil && bytes.HasPrefix(k, prefix); {
		next, stop, err := visit(objectKey(k), k, data)
		if err != nil || stop {
			return err
		}
		if next == nil {
			k, data = c.Next()
		} else {
			k, data = c.Seek(next)
		}
	}
	return nil
}

// prefixEntry is a group of keys in a listing.
type prefixEntry struct{ Prefix text }

func intParam(query url.Values, name string, absent, low, high int) (int, error) {
	if !query.Has(name) || query.Get(name) == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < low || n > high {
		return 0, errInvalidArgument.says("Argument %s must be an integer between %d and %d", name, low, high).
			with("ArgumentName", name).with("ArgumentValue", query.Get(name))
	}
	return n, nil
}

// A continuation token is where the page ended. Clients take it as opaque.
func encodeToken(last string) string { return base64.RawURLEncoding.EncodeToString([]byte("1" + last)) }

func decodeToken(query url.Values, name string) (string, error) {
	if !query.Has(name) {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(query.Get(name))
	if err != nil || len(raw) < 2 || raw[0] != '1' {
		return "", errInvalidArgument.says("The continuation token provided is incorrect").with("ArgumentName", name)
	}
	return string(raw[1:]), nil
}
