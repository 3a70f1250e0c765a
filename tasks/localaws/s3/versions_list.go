package s3

import (
	"encoding/xml"
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// versionEntry is a version or a delete marker in a listing, told apart by the element's name.
type versionEntry struct {
	element           string
	Key               text
	VersionID         string `xml:"VersionId"`
	IsLatest          bool
	LastModified      time.Time
	ETag              string `xml:",omitempty"`
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              *int64
	StorageClass      string `xml:",omitempty"`
	Owner             owner
}

// MarshalXML implements [xml.Marshaler]. An XMLName would do too, but writes xmlns="" into each.
func (v versionEntry) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	type plain versionEntry
	start.Name.Local = v.element
	return e.EncodeElement(plain(v), start)
}

type listVersionsResult struct {
	Name                string
	Prefix, KeyMarker   text
	VersionIDMarker     string `xml:"VersionIdMarker"`
	NextKeyMarker       text   `xml:",omitempty"`
	NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
	Delimiter           text   `xml:",omitempty"`
	MaxKeys             int
	EncodingType        string `xml:",omitempty"`
	IsTruncated         bool
	Entries             []versionEntry
	CommonPrefixes      []prefixEntry
}

// listVersions lists every version and delete marker, newest first within a key.
func (s *server) listVersions(w http.ResponseWriter, r *request) error {
	q := r.query
	l, err := listingOf(q, "max-keys")
	if err != nil {
		return err
	}
	keyMarker, idMarker := q.Get("key-marker"), q.Get("version-id-marker")
	if idMarker != "" && keyMarker == "" {
		return errInvalidArgument.says("A version-id marker cannot be specified without a key marker.").with("ArgumentName", "version-id-marker")
	}
	result := &listVersionsResult{
		Name: r.bucket, Prefix: l.escape(l.prefix), KeyMarker: l.escape(keyMarker), VersionIDMarker: idMarker,
		Delimiter: l.escape(l.delimiter), MaxKeys: l.max, EncodingType: q.Get("encoding-type"),
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		b, err := versions(tx, r.bucket)
		if err != nil || l.max == 0 {
			return err
		}
		start, err := l.fromVersion(b, keyMarker, idMarker)
		if err != nil {
			return err
		}
		return s.fillVersions(result, l, b, start, keyMarker)
	})
	if err != nil {
		return err
	}
	return respond(w, "ListVersionsResult", result)
}

// fromVersion is the row after a version, or after all of a key without one.
func (l listing) fromVersion(b *bbolt.Bucket, key, id string) ([]byte, error) {
	if id == "" {
		return l.from(key), nil
	}
	v, err := numbered(b, key, id)
	if err != nil {
		return nil, err
	}
	number, known := numberOf(id)
	switch {
	case v != nil:
		number = v.number
	case !known: // the null version, deleted since the page before: rather list some again than miss some
		return rows(key), nil
	}
	return versionKey(key, number-1), nil
}

// fillVersions collects a page that goes on after the key before.
func (s *server) fillVersions(result *listVersionsResult, l listing, b *bbolt.Bucket, start []byte, before string) error {
	lastKey, lastID, by := before, "", s.owner()
	return l.rowsFrom(b, start, func(key string, row, data []byte) ([]byte, bool, error) {
		if len(result.Entries)+len(result.CommonPrefixes) == l.max {
			result.IsTruncated = true
			result.NextKeyMarker, result.NextVersionIDMarker = l.escape(lastKey), lastID
			return nil, true, nil
		}
		if g, ok := l.group(key); ok {
			result.CommonPrefixes = append(result.CommonPrefixes, prefixEntry{l.escape(g)})
			lastKey, lastID = g, ""
			return pastPrefix(g), false, nil
		}
		v, err := decodeVersion(row, data)
		if err != nil {
			return nil, false, err
		}
		latest, err := newest(b, key)
		if err != nil {
			return nil, false, err
		}
		e := versionEntry{element: "DeleteMarker", Key: l.escape(key), VersionID: v.ID, IsLatest: latest.ID == v.ID, LastModified: v.Modified, Owner: by}
		if !v.Marker {
			e.element, e.ETag, e.Size, e.StorageClass = "Version", v.etag(), &v.Size, classOf(v)
			e.ChecksumAlgorithm, e.ChecksumType = v.Sum.Algorithm, v.Sum.Type
		}
		result.Entries = append(result.Entries, e)
		lastKey, lastID = key, v.ID
		return nil, false, nil
	})
}
