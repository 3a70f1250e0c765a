package s3

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"time"

	"go.etcd.io/bbolt"
)

type objectEntry struct {
	Key          string
	LastModified time.Time
	ETag         string
	Size         int64
	StorageClass string
}

type listObjectsResult struct {
	listing
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount              int
	Contents              []objectEntry
}

// listObjects lists the current objects (ListObjectsV2).
func (s *server) listObjects(w http.ResponseWriter, r *request) error {
	q := r.query
	if q.Get("list-type") != "2" {
		return errInvalidArgument.says("Invalid List Type specified in Request").with("ArgumentName", "list-type")
	}
	l, err := listingOf(r)
	if err != nil {
		return err
	}
	after, err := decodeToken(q)
	if err != nil {
		return err
	}
	page := listObjectsResult{listing: l, ContinuationToken: q.Get("continuation-token")}
	if after == "" {
		after = q.Get("start-after")
		page.StartAfter = l.encode(after)
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		b, err := versions(tx, r.bucket)
		if err != nil {
			return err
		}
		return page.walk(b, l.from(after), false, func(key string, v *version) error {
			page.Contents = append(page.Contents, objectEntry{page.encode(key), v.Modified, v.etag(), v.Size, "STANDARD"})
			return nil
		})
	})
	if err != nil {
		return err
	}
	page.KeyCount = len(page.Contents) + len(page.CommonPrefixes)
	if page.IsTruncated {
		page.NextContinuationToken = encodeToken(page.lastKey)
	}
	return respond(w, "ListBucketResult", page)
}

// A continuation token is where the page ended. Clients take it as opaque.
func encodeToken(last string) string { return base64.RawURLEncoding.EncodeToString([]byte("1" + last)) }

func decodeToken(query url.Values) (string, error) {
	const name = "continuation-token"
	if !query.Has(name) {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(query.Get(name))
	if err != nil || len(raw) < 2 || raw[0] != '1' {
		return "", errInvalidArgument.says("The continuation token provided is incorrect").with("ArgumentName", name)
	}
	return string(raw[1:]), nil
}
