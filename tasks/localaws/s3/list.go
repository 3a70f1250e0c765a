package s3

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
)

// maxPage is the most entries, keys and common prefixes together, that one listing has.
const maxPage = 1000

// listing is what every listing of keys is asked and what every one answers.
type listing struct {
	Name           string
	Prefix         string
	Delimiter      string `xml:",omitempty"`
	MaxKeys        int
	EncodingType   string `xml:",omitempty"`
	IsTruncated    bool
	CommonPrefixes []prefixEntry

	prefix, delimiter string // as asked: the fields above are encoded
	lastKey, lastID   string // where the page ended: a key and a version, or a common prefix
}

// prefixEntry is a group of keys in a listing.
type prefixEntry struct{ Prefix string }

func listingOf(r *request) (listing, error) {
	q := r.query
	l := listing{Name: r.bucket, MaxKeys: maxPage, EncodingType: q.Get("encoding-type")}
	if l.EncodingType != "" && l.EncodingType != "url" {
		wrong := errInvalidArgument.says("Invalid Encoding Method specified in Request")
		return l, wrong.with("ArgumentName", "encoding-type")
	}
	l.prefix, l.delimiter = q.Get("prefix"), q.Get("delimiter")
	l.Prefix, l.Delimiter = l.encode(l.prefix), l.encode(l.delimiter)
	if most := q.Get("max-keys"); most != "" {
		n, err := strconv.ParseUint(most, 10, 31)
		if err != nil {
			return l, errInvalidArgument.with("ArgumentName", "max-keys").with("ArgumentValue", most)
		}
		l.MaxKeys = min(int(n), maxPage)
	}
	return l, checkKey(l.prefix)
}

func (l *listing) encode(s string) string {
	if l.EncodingType == "" {
		return s
	}
	return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/")
}

// group is the common prefix that a key is rolled up into, if any.
func (l *listing) group(key string) (string, bool) {
	if l.delimiter == "" || !strings.HasPrefix(key, l.prefix) {
		return "", false
	}
	i := strings.Index(key[len(l.prefix):], l.delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(l.prefix)+i+len(l.delimiter)], true
}

// from is the row where a listing begins that goes on after a key or a common prefix.
func (l *listing) from(after string) []byte {
	start := []byte(l.prefix)
	if after == "" {
		return start
	}
	next := pastRows(after)
	if g, ok := l.group(after); ok && g == after {
		next = pastPrefix(after) // all of the group was listed, as one entry
	}
	if bytes.Compare(next, start) > 0 {
		return next
	}
	return start
}

// walk calls take with the versions of a page, from the row start on: with all of them, or with the current objects
// alone. It seeks past rows that no entry needs.
func (l *listing) walk(b *bbolt.Bucket, start []byte, all bool, take func(key string, v *version) error) error {
	c, entries := b.Cursor(), 0
	for k, data := c.Seek(start); l.MaxKeys > 0 && k != nil && bytes.HasPrefix(k, []byte(l.prefix)); {
		key := objectKey(k)
		v, err := decodeVersion(k, data)
		if err != nil {
			return err
		}
		if v.Marker && !all {
			k, data = c.Seek(pastRows(key))
			continue
		}
		if l.IsTruncated = entries == l.MaxKeys; l.IsTruncated {
			return nil
		}
		entries++
		if g, ok := l.group(key); ok {
			l.CommonPrefixes = append(l.CommonPrefixes, prefixEntry{l.encode(g)})
			l.lastKey, l.lastID = g, ""
			k, data = c.Seek(pastPrefix(g))
			continue
		}
		if err := take(key, v); err != nil {
			return err
		}
		l.lastKey, l.lastID = key, v.ID
		if all {
			k, data = c.Next()
		} else {
			k, data = c.Seek(pastRows(key))
		}
	}
	return nil
}
