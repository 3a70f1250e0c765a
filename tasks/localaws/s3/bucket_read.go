package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

type owner struct{ ID string }

type bucketEntry struct {
	Name         string
	CreationDate time.Time
	BucketRegion string
	BucketArn    string
}

// listBuckets lists the account's buckets, of every region, in one page.
func (s *server) listBuckets(w http.ResponseWriter, r *request) error {
	var result struct {
		Owner   owner
		Buckets struct{ Bucket []bucketEntry }
	}
	result.Owner = ownerOf(r.account)
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketsBucket).ForEach(func(_, data []byte) error {
			var b bucketRecord
			err := decode(data, &b)
			if !s.owns(r, &b) {
				return err
			}
			entry := bucketEntry{b.Name, b.Created, b.Region, "arn:aws:s3:::" + b.Name}
			result.Buckets.Bucket = append(result.Buckets.Bucket, entry)
			return err
		})
	})
	if err != nil {
		return err
	}
	return respond(w, "ListAllMyBucketsResult", result)
}

// ownerOf is the account's canonical user id, which at S3 has 64 hexadecimal digits too.
func ownerOf(account string) owner {
	sum := sha256.Sum256([]byte("canonical user of account " + account))
	return owner{hex.EncodeToString(sum[:])}
}

// headBucket says that the bucket is there, and where.
func (s *server) headBucket(w http.ResponseWriter, r *request) error {
	w.Header().Set("x-amz-bucket-region", r.region) // checkRegion let no other region pass
	w.Header().Set("x-amz-bucket-arn", "arn:aws:s3:::"+r.bucket)
	w.Header().Set("Content-Type", "application/xml")
	return nil
}

// getBucketLocation answers requests of every region, so that a client can find the bucket's.
func (s *server) getBucketLocation(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	constraint := b.Region
	if constraint == usEast1 {
		constraint = ""
	}
	return respond(w, "LocationConstraint", struct {
		Region string `xml:",chardata"`
	}{constraint})
}
