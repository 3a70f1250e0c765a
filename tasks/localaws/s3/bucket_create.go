package s3

import (
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
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
	c, err := readCreate(r)
	if err != nil {
		return err
	}
	region, err := location(r.region, c.LocationConstraint)
	if err != nil {
		return err
	}
	owner, err := ownershipHeader(r.Header)
	if err != nil {
		return err
	}
	if acl := r.Header.Get("x-amz-acl"); acl != "" && acl != "private" {
		return notImplemented("x-amz-acl "+acl).with("Header", "x-amz-acl")
	}
	rec := bucketRecord{
		Name: r.bucket, Region: region, Created: s.now(), Tags: c.Tags, Ownership: owner,
		PublicAccess: &publicAccessBlock{true, true, true, true},
	}
	if err := s.update(func(t *txn) error { return makeBucket(t, r, rec) }); err != nil {
		return err
	}
	w.Header().Set("Location", "/"+r.bucket)
	w.Header().Set("x-amz-bucket-arn", "arn:aws:s3:::"+r.bucket)
	w.WriteHeader(http.StatusOK)
	return nil
}

func makeBucket(t *txn, r *request, rec bucketRecord) error {
	var old bucketRecord
	if ok, err := get(t.Bucket(bucketsBucket), []byte(rec.Name), &old); err != nil || ok {
		return orExists(err, &old, r)
	}
	for _, tables := range [][]byte{versionsBucket, uploadsBucket} {
		if _, err := t.Bucket(tables).CreateBucket([]byte(rec.Name)); err != nil {
			return fmt.Errorf("making the table of bucket %q: %w", rec.Name, err)
		}
	}
	return put(t.Bucket(bucketsBucket), []byte(rec.Name), rec)
}

// orExists refuses a bucket that is there. In us-east-1 S3 says yes to its owner, for old times' sake.
func orExists(err error, old *bucketRecord, r *request) error {
	if err != nil || (old.Region == usEast1 && r.region == usEast1) {
		return err
	}
	return errBucketExists.with("BucketName", r.bucket)
}

func readCreate(r *request) (c createBucketConfiguration, err error) {
	data, err := readDocument(r, verifyChecksum)
	if err != nil || len(data) == 0 {
		return c, err
	}
	if err := decodeXML(data, "CreateBucketConfiguration", &c); err != nil {
		return c, err
	}
	return c, checkTags(c.Tags, maxBucketTags)
}

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d+$`)

// location decides a new bucket's region from the endpoint's and the constraint. Only the endpoint of
// us-east-1, the global one, makes buckets elsewhere.
func location(endpoint, constraint string) (string, error) {
	wanted := constraint
	if wanted == "EU" { // the name of eu-west-1 before it had one
		wanted = "eu-west-1"
	}
	switch {
	case endpoint == usEast1 && wanted == "", wanted == endpoint && wanted != usEast1:
		return endpoint, nil
	case wanted == "":
		return "", errIllegalLocation
	case wanted == usEast1 || !regionName.MatchString(wanted):
		return "", errInvalidLocation.with("LocationConstraint", constraint)
	case endpoint == usEast1:
		return wanted, nil
	}
	return "", errIllegalLocation.says("The %s location constraint is incompatible for the region specific endpoint this request was sent to.", constraint)
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// validBucketName follows the User Guide, "General purpose bucket naming rules".
func validBucketName(name string) bool {
	starts := slices.ContainsFunc([]string{"xn--", "sthree-", "amzn-s3-demo-"}, func(p string) bool { return strings.HasPrefix(name, p) })
	ends := slices.ContainsFunc([]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}, func(p string) bool { return strings.HasSuffix(name, p) })
	return bucketName.MatchString(name) && !strings.Contains(name, "..") && net.ParseIP(name) == nil && !starts && !ends
}
