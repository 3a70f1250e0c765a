package s3

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

const maxKeyLength = 1024 // bytes of UTF-8, Amazon S3 User Guide, "Naming Amazon S3 objects"

// request is an HTTP request taken apart as S3 reads it.
type request struct {
	*http.Request
	id          string
	bucket, key string
	query       url.Values
	region      string // of the credential scope
}

func (r *request) level() level {
	switch {
	case r.bucket == "":
		return onService
	case r.key == "":
		return onBucket
	}
	return onObject
}

// parse splits the path as it was sent, since a key may hold "//", ".." and escaped slashes.
func (r *request) parse() error {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	var err error
	if r.bucket, err = url.PathUnescape(bucket); err != nil {
		return errInvalidURI
	}
	if r.key, err = url.PathUnescape(key); err != nil || !utf8.ValidString(r.key) {
		return errInvalidURI
	}
	if r.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return errInvalidURI
	}
	if r.bucket == "" && r.key != "" {
		return errInvalidBucketName
	}
	return checkKey(r.key)
}

func checkKey(key string) error {
	if len(key) > maxKeyLength {
		return errKeyTooLong.with("Size", fmt.Sprint(len(key))).with("MaxSizeAllowed", fmt.Sprint(maxKeyLength))
	}
	return nil
}

// scope is the credential scope of a Signature Version 4 header: key/date/region/service/aws4_request.
var scope = regexp.MustCompile(`^AWS4-HMAC-SHA256 +Credential=[^/,]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request[, ]`)

// authenticate takes the region from the Authorization header. The signature is not verified.
func (r *request) authenticate() error {
	for _, key := range []string{"X-Amz-Algorithm", "X-Amz-Signature", "Signature", "AWSAccessKeyId"} {
		if r.query.Has(key) {
			return notImplemented("authentication by query string (a presigned URL)")
		}
	}
	header := r.Header.Get("Authorization")
	switch {
	case header == "":
		return errAccessDenied
	case strings.HasPrefix(header, "AWS4-ECDSA-P256-SHA256"):
		return notImplemented("Signature Version 4A (a multi-region access point)")
	case !strings.HasPrefix(header, "AWS4-HMAC-SHA256"):
		return errInvalidRequest.says("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	}
	m := scope.FindStringSubmatch(header)
	if m == nil {
		return errAuthorizationMalformed
	}
	if m[2] != "s3" {
		return errAuthorizationMalformed.says("The authorization header is malformed; incorrect service %q. This endpoint belongs to \"s3\".", m[2])
	}
	r.region = m[1]
	return nil
}

// hostID is x-amz-id-2, which at S3 names the machine that answered.
var hostID = base64.StdEncoding.EncodeToString([]byte("envoy-proxy-poc local S3"))

// newRequestID looks like S3's: sixteen capitals and digits.
func newRequestID() string { return rand.Text()[:16] }
