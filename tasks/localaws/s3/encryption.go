package s3

import (
	"net/http"
	"slices"
)

const (
	sseS3   = "AES256"
	sseKMS  = "aws:kms"
	sseDSSE = "aws:kms:dsse"
)

// sse is how an object is encrypted, in name only: bodies are as private as the folder is.
type sse struct {
	Algorithm, Key string
	BucketKey      bool
}

func (e sse) setHeaders(h http.Header) {
	h.Set("x-amz-server-side-encryption", e.Algorithm)
	if e.Key != "" {
		h.Set("x-amz-server-side-encryption-aws-kms-key-id", e.Key)
	}
	if e.BucketKey {
		h.Set("x-amz-server-side-encryption-bucket-key-enabled", "true")
	}
}

type encryptionConfiguration struct {
	Rule []encryptionRule
}

type encryptionRule struct {
	Default          *defaultEncryption `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled *bool
	Blocked          *blockedEncryption `xml:"BlockedEncryptionTypes"`
}

type defaultEncryption struct {
	SSEAlgorithm   string
	KMSMasterKeyID string `xml:",omitempty"`
}

type blockedEncryption struct {
	EncryptionType []string
}

// getEncryption answers SSE-S3 for a bucket where nothing was set, as S3 does since January 2023.
func (s *server) getEncryption(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	c := b.Encryption
	if c == nil {
		c = &encryptionConfiguration{[]encryptionRule{{Default: &defaultEncryption{SSEAlgorithm: sseS3}, BucketKeyEnabled: new(bool)}}}
	}
	return respond(w, "ServerSideEncryptionConfiguration", c)
}

func (s *server) putEncryption(w http.ResponseWriter, r *request) error {
	var c encryptionConfiguration
	if err := readXML(r, "ServerSideEncryptionConfiguration", &c); err != nil {
		return err
	}
	if len(c.Rule) != 1 || (c.Rule[0].Default == nil && c.Rule[0].Blocked == nil) {
		return errMalformedXML
	}
	if d := c.Rule[0].Default; d != nil {
		if !slices.Contains([]string{sseS3, sseKMS, sseDSSE}, d.SSEAlgorithm) {
			return errMalformedXML
		}
		if d.SSEAlgorithm == sseS3 && d.KMSMasterKeyID != "" {
			return errInvalidArgument.says("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse").with("ArgumentName", "ApplyServerSideEncryptionByDefault")
		}
	}
	return s.change(r.bucket, func(b *bucketRecord) error {
		b.Encryption = &c
		return nil
	})
}

// deleteEncryption goes back to the default.
func (s *server) deleteEncryption(w http.ResponseWriter, r *request) error {
	err := s.change(r.bucket, func(b *bucketRecord) error {
		b.Encryption = nil
		return nil
	})
	if err != nil {
		return err
	}
	return noContent(w)
}

// encryptionOf is what a new object gets: what its request says, or else the bucket's default.
func (b *bucketRecord) encryptionOf(h http.Header) (sse, error) {
	e := sse{
		Algorithm: h.Get("x-amz-server-side-encryption"),
		Key:       h.Get("x-amz-server-side-encryption-aws-kms-key-id"),
		BucketKey: h.Get("x-amz-server-side-encryption-bucket-key-enabled") == "true",
	}
	switch e.Algorithm {
	case sseKMS, sseDSSE:
		return e, nil
	case sseS3, "":
		if e.Key != "" {
			return e, errInvalidArgument.says("Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms").with("ArgumentName", "x-amz-server-side-encryption")
		}
	default:
		return e, errInvalidEncryption.with("ArgumentName", "x-amz-server-side-encryption").with("ArgumentValue", e.Algorithm)
	}
	if e.Algorithm == "" && b.Encryption != nil && b.Encryption.Rule[0].Default != nil {
		rule := b.Encryption.Rule[0]
		return sse{rule.Default.SSEAlgorithm, rule.Default.KMSMasterKeyID, rule.BucketKeyEnabled != nil && *rule.BucketKeyEnabled}, nil
	}
	return sse{Algorithm: sseS3}, nil
}
