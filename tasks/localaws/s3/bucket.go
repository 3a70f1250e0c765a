package s3

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// bucketRecord is a bucket and its settings. A nil setting was deleted or never made.
type bucketRecord struct {
	Name         string
	Region       string
	Account      string `json:",omitempty"` // its owner; "" is the first account
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
func (s *server) bucket(name string) (b *bucketRecord, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		b, err = findBucket(tx, name)
		return err
	})
	return b, err
}

func findBucket(tx *bbolt.Tx, name string) (*bucketRecord, error) {
	var b bucketRecord
	ok, err := get(tx.Bucket(bucketsBucket), []byte(name), &b)
	if err == nil && !ok {
		err = errNoSuchBucket.with("BucketName", name)
	}
	return &b, err
}

// change applies one setting to the request's bucket and answers with a status.
func (s *server) change(w http.ResponseWriter, r *request, status int, set func(*bucketRecord) error) error {
	err := s.update(func(t *txn) error {
		b, err := findBucket(t.Tx, r.bucket)
		if err != nil {
			return err
		}
		if err := set(b); err != nil {
			return err
		}
		return put(t.Bucket(bucketsBucket), []byte(r.bucket), b)
	})
	if err == nil {
		w.WriteHeader(status)
	}
	return err
}
