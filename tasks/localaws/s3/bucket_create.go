package s3

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"regexp"
)

// usEast1 is the region without a name: its location constraint is the empty one.
const usEast1 = "us-east-1"

type createBucketConfiguration struct {
	LocationConstraint string
	Tags               []tag `xml:"Tags>Tag"`
}

// createBucket makes a bucket with what S3 gives every new one since April 2023: public access
// blocked, ACLs off, SSE-S3. It refuses another region's constraint.
func (s *server) createBucket(w http.ResponseWriter, r *request) error {
	if !validBucketName(r.bucket) {
		return errInvalidBucketName.with("BucketName", r.bucket)
	}
	var c createBucketConfiguration
	data, err := readDocument(r)
	if err == nil && len(data) > 0 {
		err = decodeXML(data, "CreateBucketConfiguration", &c)
	}
	if err != nil {
		return err
	}
	if err := checkTags(c.Tags); err != nil {
		return err
	}
	region, err := location(r.region, c.LocationConstraint)
	if err != nil {
		return err
	}
	account := r.account
	if account == s.account {
		account = "" // the first account may be called otherwise later
	}
	ownership := cmp.Or(r.Header.Get("x-amz-object-ownership"), bucketOwnerEnforced)
	rec := bucketRecord{
		Name: r.bucket, Region: region, Account: account, Created: s.now(), Tags: c.Tags,
		Ownership: &ownershipControls{[]ownershipRule{{ownership}}}, PublicAccess: &publicAccessBlock{true, true, true, true},
	}
	if checkOwnership(r, rec.Ownership) != nil {
		return errInvalidArgument.says("Invalid x-amz-object-ownership header: %s", ownership)
	}
	w.Header().Set("Location", "/"+r.bucket)
	w.Header().Set("x-amz-bucket-arn", "arn:aws:s3:::"+r.bucket)
	return s.update(func(t *txn) error { return makeBucket(t, r, rec) })
}

func makeBucket(t *txn, r *request, rec bucketRecord) error {
	var old bucketRecord
	switch there, err := get(t.Bucket(bucketsBucket), []byte(rec.Name), &old); {
	case err != nil:
		return err
	case there && old.Region == usEast1 && r.region == usEast1: // there, the owner may create it again
		return nil
	case there:
		return errBucketExists.with("BucketName", r.bucket)
	}
	for _, tables := range [][]byte{versionsBucket, uploadsBucket} {
		if _, err := t.Bucket(tables).CreateBucket([]byte(rec.Name)); err != nil {
			return fmt.Errorf("making the table of bucket %q: %w", rec.Name, err)
		}
	}
	return put(t.Bucket(bucketsBucket), []byte(rec.Name), rec)
}

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d+$`)

// location decides a new bucket's region from the endpoint's and the constraint. Only the endpoint of
// us-east-1, the global one, makes buckets elsewhere.
func location(endpoint, constraint string) (string, error) {
	switch {
	case endpoint == usEast1 && constraint == "", constraint == endpoint && endpoint != usEast1:
		return endpoint, nil
	case constraint == "":
		return "", errIllegalLocation
	case constraint == usEast1 && endpoint == usEast1 || !regionName.MatchString(constraint):
		return "", errInvalidLocation.with("LocationConstraint", constraint)
	case endpoint == usEast1:
		return constraint, nil
	}
	const wrong = "The %s location constraint is incompatible for the region specific endpoint this request was sent to."
	return "", errIllegalLocation.says(wrong, constraint)
}

var (
	bucketName   = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	reservedName = regexp.MustCompile(`^(xn--|sthree-|amzn-s3-demo-)|\.\.|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$`)
)

// validBucketName follows the User Guide, "General purpose bucket naming rules".
func validBucketName(name string) bool {
	return bucketName.MatchString(name) && !reservedName.MatchString(name) && net.ParseIP(name) == nil
}
