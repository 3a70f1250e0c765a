package s3

import (
	"time"

	"go.etcd.io/bbolt"
)

// bucketRecord is a bucket and its settings. A nil setting was deleted or never made.
type bucketRecord struct {
	Name         string
	Region       string
	Created      time.Time
	Versioning   string                   `json:",omitempty"` // "", Enabled, Suspended
	Encryption   *encryptionConfiguration `json:",omitempty"` // nil is S3's default, SSE-S3
	PublicAccess *publicAccessBlock       `json:",omitempty"`
	Ownership    *ownershipControls       `json:",omitempty"`
	Policy       string                   `json:",omitempty"` // as it was put
	Tags         []tag                    `json:",omitempty"`
	Lifecycle    *lifecycleConfiguration  `json:",omitempty"`
}

// bucket reads one bucket's record.
func (s *server) bucket(name string) (*bucketRecord, error) {
	var b bucketRecord
	err := s.db.View(func(tx *bbolt.Tx) error {
		ok, err := get(tx.Bucket(bucketsBucket), []byte(name), &b)
		if err != nil || !ok {
			return orNoBucket(err, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// change applies one setting to a bucket.
func (s *server) change(name string, set func(*bucketRecord) error) error {
	return s.update(func(t *txn) error {
		var b bucketRecord
		ok, err := get(t.Bucket(bucketsBucket), []byte(name), &b)
		if err != nil || !ok {
			return orNoBucket(err, name)
		}
		if err := set(&b); err != nil {
			return err
		}
		return put(t.Bucket(bucketsBucket), []byte(name), b)
	})
}

func orNoBucket(err error, name string) error {
	if err != nil {
		return err
	}
	return errNoSuchBucket.with("BucketName", name)
}
