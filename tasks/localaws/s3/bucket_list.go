package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

type bucketEntry struct {
	Name         string
	CreationDate time.Time
	BucketRegion string
	BucketArn    string
}

type listBucketsResult struct {
	Owner             owner
	Buckets           struct{ Bucket []bucketEntry }
	ContinuationToken string `xml:",omitempty"`
	Prefix            string `xml:",omitempty"`
}

// listBuckets lists the account's buckets, of every region unless bucket-region names one.
func (s *server) listBuckets(w http.ResponseWriter, r *request) error {
	limit, err := intParam(r.query, "max-buckets", 10000, 1, 10000)
	if err != nil {
		return err
	}
	after, err := decodeToken(r.query, "continuation-token")
	if err != nil {
		return err
	}
	result := listBucketsResult{Owner: s.owner(), Prefix: r.query.Get("prefix")}
	err = s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketsBucket).ForEach(func(k, data []byte) error {
			var b bucketRecord
			if err := decode(data, &b); err != nil {
				return err
			}
			region := r.query.Get("bucket-region")
			if b.Name <= after || !strings.HasPrefix(b.Name, result.Prefix) || (region != "" && region != b.Region) || result.ContinuationToken != "" {
				return nil
			}
			list := &result.Buckets.Bucket
			if n := len(*list); n == limit {
				result.ContinuationToken = encodeToken((*list)[n-1].Name)
				return nil
			}
			*list = append(*list, bucketEntry{b.Name, b.Created, b.Region, "arn:aws:s3:::" + b.Name})
			return nil
		})
	})
	if err != nil {
		return err
	}
	return respond(w, "ListAllMyBucketsResult", result)
}

// owner is the account's canonical user id, which at S3 has 64 hexadecimal digits too.
func (s *server) owner() owner {
	sum := sha256.Sum256([]byte("canonical user of account " + s.account))
	return owner{ID: hex.EncodeToString(sum[:])}
}
