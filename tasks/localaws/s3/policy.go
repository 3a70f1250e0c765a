package s3

import "net/http"

func (s *server) getPolicy(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	if b.Policy == "" {
		return errNoPolicy.with("BucketName", r.bucket)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(b.Policy))
	return nil
}

// putPolicy keeps a policy that S3 would keep. It is not enforced, but BlockPublicPolicy is: it refuses
// to make a bucket public.
func (s *server) putPolicy(w http.ResponseWriter, r *request) error {
	data, err := readDocument(r)
	if err != nil {
		return err
	}
	p, err := parsePolicy(data, r.bucket)
	if err != nil {
		return err
	}
	return s.change(w, r, http.StatusNoContent, func(b *bucketRecord) error {
		if b.PublicAccess != nil && b.PublicAccess.BlockPublicPolicy && p.public() {
			const wrong = "public policies are blocked by the BlockPublicPolicy block public access setting."
			return errAccessDenied.says("Access Denied: " + wrong)
		}
		b.Policy = string(data)
		return nil
	})
}

func (s *server) deletePolicy(w http.ResponseWriter, r *request) error {
	return s.change(w, r, http.StatusNoContent, func(b *bucketRecord) error {
		b.Policy = ""
		return nil
	})
}
