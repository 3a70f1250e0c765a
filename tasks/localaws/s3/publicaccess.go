package s3

import "net/http"

// publicAccessBlock has four switches; one that is left out of a document is off.
type publicAccessBlock struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

func (s *server) getPublicAccess(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	if b.PublicAccess == nil {
		return errNoPublicAccess.with("BucketName", r.bucket)
	}
	return respond(w, "PublicAccessBlockConfiguration", b.PublicAccess)
}

func (s *server) putPublicAccess(w http.ResponseWriter, r *request) error {
	var c publicAccessBlock
	if err := readXML(r, "PublicAccessBlockConfiguration", &c); err != nil {
		return err
	}
	return s.change(r.bucket, func(b *bucketRecord) error {
		b.PublicAccess = &c
		return nil
	})
}

func (s *server) deletePublicAccess(w http.ResponseWriter, r *request) error {
	err := s.change(r.bucket, func(b *bucketRecord) error {
		b.PublicAccess = nil
		return nil
	})
	if err != nil {
		return err
	}
	return noContent(w)
}
