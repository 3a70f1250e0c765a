package s3

import (
	"cmp"
	"net/http"
)

const (
	sseS3  = "AES256"
	sseKMS = "aws:kms"

	sseHeader    = "x-amz-server-side-encryption"
	sseKeyHeader = sseHeader + "-aws-kms-key-id"
)

// sse is how an object is encrypted, in name only: bodies are as private as the folder is.
type sse struct {
	Algorithm, Key string
}

func (e sse) setHeaders(h http.Header) {
	h.Set(sseHeader, e.Algorithm)
	if e.Key != "" {
		h.Set(sseKeyHeader, e.Key)
	}
}

type encryptionConfiguration struct {
	Rule []encryptionRule
}

type encryptionRule struct {
	Default          *defaultEncryption `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled bool
}

type defaultEncryption struct {
	SSEAlgorithm   string
	KMSMasterKeyID string `xml:",omitempty"`
}

// encryptionSetting is SSE-S3 for a bucket where nothing was set, as at S3 since January 2023.
var encryptionSetting = &setting[encryptionConfiguration]{
	root:   "ServerSideEncryptionConfiguration",
	load:   func(b *bucketRecord) *encryptionConfiguration { return cmp.Or(b.Encryption, initialEncryption) },
	save:   func(b *bucketRecord, c *encryptionConfiguration) { b.Encryption = c },
	check:  checkEncryption,
	status: http.StatusOK,
}

var initialEncryption = &encryptionConfiguration{[]encryptionRule{{Default: &defaultEncryption{SSEAlgorithm: sseS3}}}}

func checkEncryption(_ *request, c *encryptionConfiguration) error {
	if len(c.Rule) != 1 || c.Rule[0].Default == nil {
		return errMalformedXML
	}
	switch d := c.Rule[0].Default; {
	case d.SSEAlgorithm != sseS3 && d.SSEAlgorithm != sseKMS:
		return errMalformedXML
	case d.SSEAlgorithm == sseS3 && d.KMSMasterKeyID != "":
		const wrong = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
		return errInvalidArgument.says(wrong).with("ArgumentName", "ApplyServerSideEncryptionByDefault")
	}
	return nil
}

// encryptionOf is the encryption of a new object: what its request says, or else the bucket's default.
func (b *bucketRecord) encryptionOf(h http.Header) (sse, error) {
	e := sse{h.Get(sseHeader), h.Get(sseKeyHeader)}
	switch {
	case e.Key != "" && e.Algorithm != sseKMS:
		const wrong = "Server Side Encryption with AWS KMS managed key requires HTTP header " + sseHeader + " : aws:kms"
		return e, errInvalidArgument.says(wrong).with("ArgumentName", sseHeader)
	case e.Algorithm == sseKMS, e.Algorithm == sseS3:
		return e, nil
	case e.Algorithm != "":
		return e, errInvalidEncryption.with("ArgumentName", sseHeader).with("ArgumentValue", e.Algorithm)
	case b.Encryption != nil && b.Encryption.Rule[0].Default != nil:
		d := b.Encryption.Rule[0].Default
		return sse{d.SSEAlgorithm, d.KMSMasterKeyID}, nil
	}
	return sse{Algorithm: sseS3}, nil
}
