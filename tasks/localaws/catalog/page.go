package catalog

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"iter"

	"go.etcd.io/bbolt"
)

// Page says which part of a list is wanted.
type Page struct {
	Max   int    // 1 to 1000, 0 for 100, where a list does not say otherwise
	Token string // what the page before returned; "" for the first
}

// open returns the key after which the page begins, and how much fits on it.
func (p Page) open(r *Registry, query string) (after string, limit int, err error) {
	return p.openWithin(r, query, defaultPage, maxPage)
}

// openWithin is open for a list with page sizes of its own.
func (p Page) openWithin(r *Registry, query string, usual, most int) (after string, limit int, err error) {
	switch {
	case p.Max == 0:
		p.Max = usual
	case p.Max < 1:
		return "", 0, Invalid("maxResults", "Member must have value greater than or equal to 1")
	case p.Max > most:
		return "", 0, Invalid("maxResults", "Member must have value less than or equal to %d", most)
	}
	if p.Token == "" {
		return "", p.Max, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.Token)
	if err != nil || len(raw) < sha256.Size {
		return "", 0, Invalid("nextToken", "Invalid token")
	}
	after = string(raw[sha256.Size:])
	if !hmac.Equal(raw[:sha256.Size], r.seal(query, after)) {
		return "", 0, Invalid("nextToken", "Invalid token")
	}
	return after, p.Max, nil
}

// next is the token of the page after the one that ended with a key. It holds for the same query only, for ever.
func (p Page) next(r *Registry, query, after string) string {
	return base64.RawURLEncoding.EncodeToString(append(r.seal(query, after), after...))
}

func (r *Registry) seal(query, after string) []byte {
	return r.c.sign("page", r.region, query, after)
}

// sign is a MAC over strings, none of which can be taken for part of its neighbour.
func (c *Catalog) sign(parts ...string) []byte {
	mac := hmac.New(sha256.New, c.secret)
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		mac.Write(sum[:])
	}
	return mac.Sum(nil)
}

// keysAfter goes through the keys of a bucket that come after one, "" for all. It holds nothing but a cursor.
func keysAfter(b *bbolt.Bucket, after string) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		cursor := b.Cursor()
		k, v := cursor.Seek([]byte(after))
		if after != "" && bytes.Equal(k, []byte(after)) {
			k, v = cursor.Next()
		}
		for ; k != nil; k, v = cursor.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}
