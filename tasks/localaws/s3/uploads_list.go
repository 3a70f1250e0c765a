package s3

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

type uploadEntry struct {
	Key               text
	UploadID          string `xml:"UploadId"`
	Initiator, Owner  owner
	StorageClass      string
	Initiated         time.Time
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

type listUploadsResult struct {
	Bucket             string
	KeyMarker          text
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      text   `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             text
	Delimiter          text `xml:",omitempty"`
	MaxUploads         int
	EncodingType       string `xml:",omitempty"`
	IsTruncated        bool
	Upload             []uploadEntry
	CommonPrefixes     []prefixEntry
}

// listUploads lists the unfinished uploads of a bucket, by key and then by age.
func (s *server) listUploads(w http.ResponseWriter, r *request) error {
	q := r.query
	l, err := listingOf(q, "max-uploads")
	if err != nil {
		return err
	}
	keyMarker, idMarker := q.Get("key-marker"), q.Get("upload-id-marker")
	start := l.from(keyMarker)
	if number, ok := numberOf(idMarker); ok && keyMarker != "" {
		start = uploadKey(keyMarker, number+1)
	}
	result := &listUploadsResult{
		Bucket: r.bucket, KeyMarker: l.escape(keyMarker), UploadIDMarker: idMarker,
		Prefix: l.escape(l.prefix), Delimiter: l.escape(l.delimiter), MaxUploads: l.max, EncodingType: q.Get("encoding-type"),
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		table := tx.Bucket(uploadsBucket).Bucket([]byte(r.bucket))
		if table == nil {
			return orNoBucket(nil, r.bucket)
		}
		return s.fillUploads(result, l, table, start)
	})
	if err != nil {
		return err
	}
	return respond(w, "ListMultipartUploadsResult", result)
}

func (s *server) fillUploads(result *listUploadsResult, l listing, table *bbolt.Bucket, start []byte) error {
	var lastKey, lastID string
	by := s.owner()
	return l.rowsFrom(table, start, func(key string, _, data []byte) ([]byte, bool, error) {
		if len(result.Upload)+len(result.CommonPrefixes) == l.max {
			if result.IsTruncated = l.max > 0; result.IsTruncated {
				result.NextKeyMarker, result.NextUploadIDMarker = l.escape(lastKey), lastID
			}
			return nil, true, nil
		}
		if g, ok := l.group(key); ok {
			result.CommonPrefixes = append(result.CommonPrefixes, prefixEntry{l.escape(g)})
			lastKey, lastID = g, ""
			return pastPrefix(g), false, nil
		}
		var u upload
		if err := decode(data, &u); err != nil {
			return nil, false, err
		}
		e := uploadEntry{Key: l.escape(key), UploadID: u.ID, Initiator: by, Owner: by, StorageClass: classOf(&u.Version), Initiated: u.Initiated}
		if u.Explicit {
			e.ChecksumAlgorithm, e.ChecksumType = u.Algorithm, u.Type
		}
		result.Upload = append(result.Upload, e)
		lastKey, lastID = key, u.ID
		return nil, false, nil
	})
}
