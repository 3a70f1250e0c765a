package s3

import (
	"net/http"
)

// headBucket says that the bucket is there, and where.
func (s *server) headBucket(w http.ResponseWriter, r *request) error {
	w.Header().Set("x-amz-bucket-region", r.region) // checkRegion let nobody else pass
	w.Header().Set("x-amz-bucket-arn", "arn:aws:s3:::"+r.bucket)
	w.Header().Set("x-amz-access-point-alias", "false")
	w.WriteHeader(http.StatusOK)
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

type owner struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}

type grantee struct {
	XSI  string `xml:"xmlns:xsi,attr"`
	Type string `xml:"xsi:type,attr"`
	owner
}

type grant struct {
	Grantee    grantee
	Permission string
}

// getBucketACL gives the only ACL there is: the owner's.
func (s *server) getBucketACL(w http.ResponseWriter, _ *request) error {
	o := s.owner()
	g := grantee{XSI: "http://www.w3.org/2001/XMLSchema-instance", Type: "CanonicalUser", owner: o}
	return respond(w, "AccessControlPolicy", struct {
		Owner             owner
		AccessControlList struct{ Grant []grant }
	}{o, struct{ Grant []grant }{[]grant{{g, "FULL_CONTROL"}}}})
}
