package s3

import (
	"net/http"
	"slices"
)

// bucketOwnerEnforced turns ACLs off. It is every new bucket's setting since April 2023.
const bucketOwnerEnforced = "BucketOwnerEnforced"

type ownershipControls struct {
	Rule []ownershipRule
}

type ownershipRule struct {
	ObjectOwnership string
}

func (c *ownershipControls) valid() bool {
	return len(c.Rule) == 1 && slices.Contains([]string{bucketOwnerEnforced, "BucketOwnerPreferred", "ObjectWriter"}, c.Rule[0].ObjectOwnership)
}

// ownershipHeader reads what CreateBucket says of ownership.
func ownershipHeader(h http.Header) (*ownershipControls, error) {
	c := &ownershipControls{[]ownershipRule{{h.Get("x-amz-object-ownership")}}}
	if c.Rule[0].ObjectOwnership == "" {
		c.Rule[0].ObjectOwnership = bucketOwnerEnforced
	}
	if !c.valid() {
		return nil, errInvalidArgument.says("Invalid x-amz-object-ownership header: %s", c.Rule[0].ObjectOwnership)
	}
	return c, nil
}

func (s *server) getOwnership(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	if b.Ownership == nil {
		return errNoOwnership.with("BucketName", r.bucket)
	}
	return respond(w, "OwnershipControls", b.Ownership)
}

func (s *server) putOwnership(w http.ResponseWriter, r *request) error {
	var c ownershipControls
	if err := readXML(r, "OwnershipControls", &c); err != nil {
		return err
	}
	if !c.valid() {
		return errMalformedXML
	}
	return s.change(r.bucket, func(b *bucketRecord) error {
		b.Ownership = &c
		return nil
	})
}

func (s *server) deleteOwnership(w http.ResponseWriter, r *request) error {
	err := s.change(r.bucket, func(b *bucketRecord) error {
		b.Ownership = nil
		return nil
	})
	if err != nil {
		return err
	}
	return noContent(w)
}

// refuseACL lets pass the one ACL that changes nothing.
func (b *bucketRecord) refuseACL(h http.Header) error {
	acl := h.Get("x-amz-acl")
	switch {
	case acl == "" || acl == "bucket-owner-full-control":
		return nil
	case b.Ownership != nil && b.Ownership.Rule[0].ObjectOwnership == bucketOwnerEnforced:
		return errACLNotSupported
	case acl == "private":
		return nil
	}
	return notImplemented("x-amz-acl "+acl).with("Header", "x-amz-acl")
}
