package s3

import (
	"bytes"
	"time"

	"go.etcd.io/bbolt"
)

// nullVersion is the id of what is written while versioning is not enabled.
const nullVersion = "null"

// version is one version of an object, or a delete marker.
type version struct {
	ID       string
	Marker   bool `json:",omitempty"`
	Modified time.Time
	ETag     string            `json:",omitempty"` // without quotes
	Size     int64             `json:",omitempty"`
	Segments []segment         `json:",omitempty"`
	Sum      checksum          `json:",omitzero"`
	Headers  map[string]string `json:",omitempty"` // as sent: Content-Type, x-amz-meta-…
	SSE      sse               `json:",omitzero"`
	Upload   string            `json:",omitempty"` // the id of the multipart upload that made it

	number uint64 // of the row; not stored twice
}

func (v *version) etag() string { return `"` + v.ETag + `"` }

// versions is the table of one bucket's objects.
func versions(tx *bbolt.Tx, bucket string) (*bbolt.Bucket, error) {
	b := tx.Bucket(versionsBucket).Bucket([]byte(bucket))
	if b == nil {
		return nil, errNoSuchBucket.with("BucketName", bucket)
	}
	return b, nil
}

// newest finds the current version of a key, which may be a delete marker. It is nil if there is none.
func newest(b *bbolt.Bucket, key string) (*version, error) {
	k, data := b.Cursor().Seek(rowsOf(key))
	if !bytes.HasPrefix(k, rowsOf(key)) {
		return nil, nil
	}
	return decodeVersion(k, data)
}

// current finds the current version, and nil if that is a delete marker.
func current(b *bbolt.Bucket, key string) (*version, error) {
	v, err := newest(b, key)
	if err != nil || v == nil || v.Marker {
		return nil, err
	}
	return v, nil
}

// numbered finds a version by its id. It is nil if there is none.
func numbered(b *bbolt.Bucket, key, id string) (*version, error) {
	if id == nullVersion {
		return null(b, key)
	}
	number, ok := numberOf(id)
	if !ok {
		wrong := errInvalidArgument.says("Invalid version id specified")
		return nil, wrong.with("ArgumentName", "versionId").with("ArgumentValue", id)
	}
	row := versionKey(key, number)
	data := b.Get(row)
	if data == nil {
		return nil, nil
	}
	v, err := decodeVersion(row, data)
	if err != nil || v.ID != id {
		return nil, err
	}
	return v, nil
}

// null finds the null version, of which a key has at most one.
func null(b *bbolt.Bucket, key string) (*version, error) {
	c := b.Cursor()
	for k, data := c.Seek(rowsOf(key)); bytes.HasPrefix(k, rowsOf(key)); k, data = c.Next() {
		v, err := decodeVersion(k, data)
		if err != nil || v.ID == nullVersion {
			return v, err
		}
	}
	return nil, nil
}

func decodeVersion(row, data []byte) (*version, error) {
	var v version
	if err := decode(data, &v); err != nil {
		return nil, err
	}
	v.number = rowNumber(row)
	return &v, nil
}

// find is what a read names: the current version, or the one with the id. A delete marker is an error
// in both, as S3 has it: 404 if it is current, 405 if it was asked for.
func find(tx *bbolt.Tx, bucket, key, id string) (*version, error) {
	b, err := versions(tx, bucket)
	if err != nil {
		return nil, err
	}
	var v *version
	if id == "" {
		v, err = newest(b, key)
	} else {
		v, err = numbered(b, key, id)
	}
	switch {
	case err != nil:
		return nil, err
	case v == nil && id != "":
		return nil, errNoSuchVersion.with("Key", key).with("VersionId", id)
	case v == nil:
		return nil, errNoSuchKey.with("Key", key)
	case v.Marker && id != "":
		return v, errMethodNotAllowed.with("Method", "GET").with("ResourceType", "DeleteMarker")
	case v.Marker:
		return v, errNoSuchKey.with("Key", key)
	}
	return v, nil
}
