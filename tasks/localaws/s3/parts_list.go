package s3

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

type partEntry struct {
	PartNumber   int
	LastModified time.Time
	ETag         string
	Size         int64
	sums
}

type listPartsResult struct {
	Bucket               string
	Key                  text
	UploadID             string `xml:"UploadId"`
	Initiator, Owner     owner
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int `xml:",omitempty"`
	MaxParts             int
	IsTruncated          bool
	EncodingType         string `xml:",omitempty"`
	ChecksumAlgorithm    string `xml:",omitempty"`
	ChecksumType         string `xml:",omitempty"`
	Part                 []partEntry
}

// listParts lists the parts of an unfinished upload.
func (s *server) listParts(w http.ResponseWriter, r *request) error {
	l, err := listingOf(r.query, "max-parts")
	if err != nil {
		return err
	}
	marker, err := intParam(r.query, "part-number-marker", 0, 0, 1<<31-1)
	if err != nil {
		return err
	}
	result := listPartsResult{
		Bucket: r.bucket, Key: l.escape(r.key), Initiator: s.owner(), Owner: s.owner(),
		PartNumberMarker: marker, MaxParts: l.max, EncodingType: r.query.Get("encoding-type"),
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		u, err := findUpload(tx, r.bucket, r.key, r.query.Get("uploadId"))
		if err != nil {
			return err
		}
		result.UploadID, result.StorageClass = u.ID, classOf(&u.Version)
		if u.Explicit {
			result.ChecksumAlgorithm, result.ChecksumType = u.Algorithm, u.Type
		}
		return eachPart(tx, u.ID, marker, func(p part) bool {
			if len(result.Part) == l.max {
				result.IsTruncated = l.max > 0
				return true
			}
			e := partEntry{PartNumber: p.Number, LastModified: p.Modified, ETag: p.etag(), Size: p.Size}
			if u.Explicit {
				e.sums = p.Sum.element()
			}
			result.Part, result.NextPartNumberMarker = append(result.Part, e), p.Number
			return false
		})
	})
	if err != nil {
		return err
	}
	return respond(w, "ListPartsResult", result)
}
