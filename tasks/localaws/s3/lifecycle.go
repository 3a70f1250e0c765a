package s3

import (
	"cmp"
	"net/http"
)

// minimumSizeHeader says from which size on objects change their class.
const minimumSizeHeader = "x-amz-transition-default-minimum-object-size"

// getLifecycle gives back the rules. Nothing executes them.
func (s *server) getLifecycle(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	if b.Lifecycle == nil {
		return errNoLifecycle.with("BucketName", r.bucket)
	}
	w.Header().Set(minimumSizeHeader, b.Lifecycle.MinimumSize)
	return respond(w, "LifecycleConfiguration", b.Lifecycle)
}

func (s *server) putLifecycle(w http.ResponseWriter, r *request) error {
	if err := requireSum(r.Header); err != nil {
		return err
	}
	var c lifecycleConfiguration
	if err := readXML(r, "LifecycleConfiguration", &c); err != nil {
		return err
	}
	c.MinimumSize = cmp.Or(r.Header.Get(minimumSizeHeader), "all_storage_classes_128K")
	if c.MinimumSize != "all_storage_classes_128K" && c.MinimumSize != "varies_by_storage_class" {
		return errInvalidArgument.says("Invalid %s: %s", minimumSizeHeader, c.MinimumSize)
	}
	if err := c.check(); err != nil {
		return err
	}
	err := s.change(r.bucket, func(b *bucketRecord) error {
		b.Lifecycle = &c
		return nil
	})
	if err != nil {
		return err
	}
	w.Header().Set(minimumSizeHeader, c.MinimumSize)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *server) deleteLifecycle(w http.ResponseWriter, r *request) error {
	err := s.change(r.bucket, func(b *bucketRecord) error {
		b.Lifecycle = nil
		return nil
	})
	if err != nil {
		return err
	}
	return noContent(w)
}

// requireSum refuses a request that does not prove its body: S3 insists where a slip deletes data.
func requireSum(h http.Header) error {
	sum, err := headerChecksum(h)
	if err == nil && sum.Algorithm == "" && h.Get("Content-MD5") == "" && h.Get("x-amz-trailer") == "" {
		err = errInvalidRequest.says("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	return err
}
