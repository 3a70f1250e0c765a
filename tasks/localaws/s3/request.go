package s3

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const maxKeyLength = 1024 // bytes of UTF-8, Amazon S3 User Guide, "Naming Amazon S3 objects"

// request is an HTTP request taken apart as S3 reads it.
type request struct {
	*http.Request
	id          string
	bucket, key string
	level       level
	query       url.Values
	region      string // of the credential scope
	account     string // whose it is
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
	r.level = onObject
	switch {
	case r.bucket == "" && r.key != "":
		return errInvalidBucketName
	case r.bucket == "":
		r.level = onService
	case r.key == "":
		r.level = onBucket
	}
	return checkKey(r.key)
}

var control = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]`)

// checkKey refuses keys that are too long, and those with characters that XML 1.0 has no place for.
func checkKey(key string) error {
	if control.MatchString(key) {
		return notImplemented("a key with control characters")
	}
	if len(key) > maxKeyLength {
		return errKeyTooLong.with("MaxSizeAllowed", strconv.Itoa(maxKeyLength))
	}
	return nil
}

// credential finds the region in the scope of a Signature Version 4 header: key/date/region/s3/aws4_request.
var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 +Credential=[^/,]+/\d{8}/([a-z0-9-]+)/s3/aws4_request[, ]`)

// authenticate takes the region from the Authorization header. The signature is not verified.
func (r *request) authenticate() error {
	header := r.Header.Get("Authorization")
	m := credential.FindStringSubmatch(header)
	switch {
	case header == "":
		return errAccessDenied
	case !strings.HasPrefix(header, "AWS4-HMAC-SHA256"):
		const wrong = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
		return errInvalidRequest.says(wrong)
	case m == nil:
		return errAuthorizationMalformed
	}
	r.region = m[1]
	return nil
}

// hostID is x-amz-id-2, which at S3 names the machine that answered.
var hostID = base64.StdEncoding.EncodeToString([]byte("envoy-proxy-poc local S3"))

// newRequestID looks like S3's: sixteen capitals and digits.
func newRequestID() string { return rand.Text()[:16] }

// knownHeaders are the x-amz- headers that mean something here or change nothing. Any other implies
// a behaviour that would silently be missing (an object lock, a customer key), so it is refused.
var knownHeaders = strings.Fields(`
	x-amz-checksum-algorithm x-amz-checksum-mode x-amz-content-sha256
	x-amz-copy-source x-amz-date x-amz-expected-bucket-owner x-amz-metadata-directive
	x-amz-object-ownership x-amz-optional-object-attributes x-amz-request-payer
	x-amz-sdk-checksum-algorithm x-amz-security-token x-amz-server-side-encryption
	x-amz-server-side-encryption-aws-kms-key-id x-amz-storage-class x-amz-user-agent`)

// refusedHeaders are headers of HTTP itself that S3 honours and this package does not.
var refusedHeaders = []string{"if-modified-since", "if-unmodified-since"}

// checkHeaders refuses what this package cannot honour, and a bucket owner who is somebody else.
func (s *server) checkHeaders(r *request) error {
	for name := range r.Header {
		name = strings.ToLower(name)
		sum, _ := strings.CutPrefix(name, "x-amz-checksum-")
		known := !strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, metaPrefix) ||
			slices.Contains(knownHeaders, name) || algorithms[strings.ToUpper(sum)] != nil
		if !known || slices.Contains(refusedHeaders, name) {
			return notImplemented("header "+name).with("Header", name)
		}
	}
	if account := r.Header.Get("x-amz-expected-bucket-owner"); account != "" && account != r.account {
		return errAccessDenied
	}
	return nil
}
