package s3

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// versionEntry is a version or a delete marker in a listing.
type versionEntry struct {
	Key          string
	VersionID    string `xml:"VersionId"`
	IsLatest     bool
	LastModified time.Time
	ETag         string `xml:",omitempty"`
	Size         *int64
	StorageClass string `xml:",omitempty"`
	Owner        owner
}

type listVersionsResult struct {
	listing
	KeyMarker           string
	VersionIDMarker     string `xml:"VersionIdMarker"`
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
	Version             []versionEntry
	DeleteMarker        []versionEntry
}

// listVersions lists every version and delete marker, newest first within a key.
func (s *server) listVersions(w http.ResponseWriter, r *request) error {
	l, err := listingOf(r)
	if err != nil {
		return err
	}
	keyMarker, idMarker := r.query.Get("key-marker"), r.query.Get("version-id-marker")
	page := listVersionsResult{listing: l, KeyMarker: l.encode(keyMarker), VersionIDMarker: idMarker}
	err = s.db.View(func(tx *bbolt.Tx) error {
		b, err := versions(tx, r.bucket)
		if err != nil {
			return err
		}
		start, err := l.fromVersion(b, keyMarker, idMarker)
		if err != nil {
			return err
		}
		return page.walk(b, start, true, func(key string, v *version) error {
			latest, err := newest(b, key)
			if err != nil {
				return err
			}
			page.add(versionEntry{
				Key: page.encode(key), VersionID: v.ID, IsLatest: latest.ID == v.ID, LastModified: v.Modified, Owner: ownerOf(r.account),
			}, v)
			return nil
		})
	})
	if err != nil {
		return err
	}
	if page.IsTruncated {
		page.NextKeyMarker, page.NextVersionIDMarker = page.encode(page.lastKey), page.lastID
	}
	return respond(w, "ListVersionsResult", page)
}

// fromVersion is the row after a version, or after all of a key without one.
func (l *listing) fromVersion(b *bbolt.Bucket, key, id string) ([]byte, error) {
	if id == "" {
		return l.from(key), nil
	}
	v, err := numbered(b, key, id)
	switch number, known := numberOf(id); {
	case err != nil:
		return nil, err
	case v != nil:
		return versionKey(key, v.number-1), nil
	case known:
		return versionKey(key, number-1), nil
	}
	return rowsOf(key), nil // the null version, deleted since the page before: rather list some again than miss some
}

func (p *listVersionsResult) add(e versionEntry, v *version) {
	if v.Marker {
		p.DeleteMarker = append(p.DeleteMarker, e)
		return
	}
	e.ETag, e.Size, e.StorageClass = v.etag(), &v.Size, "STANDARD"
	p.Version = append(p.Version, e)
}
