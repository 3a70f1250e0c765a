package s3

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

type objectEntry struct {
	Key               text
	LastModified      time.Time
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	StorageClass      string
	Owner             *owner
}

// page is one page of current objects.
type page struct {
	objects  []objectEntry
	prefixes []prefixEntry
	last     string // key or common prefix, unescaped
	more     bool
}

// listPage collects the objects after a key or common prefix. Markers and the keys under them are not
// there; rows that no entry needs are skipped by seeking, not read.
func (s *server) listPage(bucket string, l listing, after string, withOwner bool) (page, error) {
	var p page
	if l.max == 0 {
		return p, nil
	}
	var by *owner
	if withOwner {
		o := s.owner()
		by = &o
	}
	err := s.db.View(func(tx *bbolt.Tx) error {
		b, err := versions(tx, bucket)
		if err != nil {
			return err
		}
		return l.rowsFrom(b, l.from(after), func(key string, row, data []byte) ([]byte, bool, error) {
			v, err := decodeVersion(row, data)
			if err != nil || v.Marker {
				return pastRows(key), false, err
			}
			if len(p.objects)+len(p.prefixes) == l.max {
				p.more = true
				return nil, true, nil
			}
			if g, ok := l.group(key); ok {
				p.prefixes, p.last = append(p.prefixes, prefixEntry{l.escape(g)}), g
				return pastPrefix(g), false, nil
			}
			p.objects, p.last = append(p.objects, entryOf(l.escape(key), v, by)), key
			return pastRows(key), false, nil
		})
	})
	return p, err
}

func entryOf(key text, v *version, by *owner) objectEntry {
	return objectEntry{key, v.Modified, v.etag(), v.Sum.Algorithm, v.Sum.Type, v.Size, classOf(v), by}
}

func classOf(v *version) string {
	if v.Class == "" {
		return "STANDARD"
	}
	return v.Class
}

type listV2Result struct {
	Name                  string
	Prefix                text
	Delimiter             text   `xml:",omitempty"`
	StartAfter            text   `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount, MaxKeys     int
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	Contents              []objectEntry
	CommonPrefixes        []prefixEntry
}

func (s *server) listObjectsV2(w http.ResponseWriter, r *request) error {
	q := r.query
	if q.Get("list-type") != "2" {
		return errInvalidArgument.says("Invalid List Type specified in Request").with("ArgumentName", "list-type")
	}
	l, err := listingOf(q, "max-keys")
	if err != nil {
		return err
	}
	after, err := decodeToken(q, "continuation-token")
	if err != nil {
		return err
	}
	if after == "" {
		after = q.Get("start-after")
	}
	p, err := s.listPage(r.bucket, l, after, q.Get("fetch-owner") == "true")
	if err != nil {
		return err
	}
	result := listV2Result{
		Name: r.bucket, Prefix: l.escape(l.prefix), Delimiter: l.escape(l.delimiter), StartAfter: l.escape(q.Get("start-after")),
		ContinuationToken: q.Get("continuation-token"), KeyCount: len(p.objects) + len(p.prefixes), MaxKeys: l.max,
		EncodingType: q.Get("encoding-type"), IsTruncated: p.more, Contents: p.objects, CommonPrefixes: p.prefixes,
	}
	if p.more {
		result.NextContinuationToken = encodeToken(p.last)
	}
	return respond(w, "ListBucketResult", result)
}
