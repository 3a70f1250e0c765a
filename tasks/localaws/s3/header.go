package s3

import (
	"slices"
	"strings"
)

// knownHeaders are the x-amz- headers that mean something here or change nothing. Any other implies
// a behaviour that would silently be missing (an object lock, a customer key), so it is refused.
var knownHeaders = strings.Fields(`
	x-amz-acl x-amz-bucket-object-lock-enabled x-amz-checksum-algorithm x-amz-checksum-mode x-amz-checksum-type
	x-amz-content-sha256 x-amz-copy-source x-amz-copy-source-if-match x-amz-copy-source-if-modified-since
	x-amz-copy-source-if-none-match x-amz-copy-source-if-unmodified-since x-amz-copy-source-range x-amz-date
	x-amz-decoded-content-length x-amz-expected-bucket-owner x-amz-metadata-directive x-amz-mp-object-size
	x-amz-object-ownership x-amz-optional-object-attributes x-amz-request-payer x-amz-sdk-checksum-algorithm
	x-amz-security-token x-amz-server-side-encryption x-amz-server-side-encryption-aws-kms-key-id
	x-amz-server-side-encryption-bucket-key-enabled x-amz-source-expected-bucket-owner x-amz-storage-class
	x-amz-tagging x-amz-tagging-directive x-amz-trailer x-amz-transition-default-minimum-object-size x-amz-user-agent`)

// checkHeaders refuses what this package cannot honour, and a bucket owner who is somebody else.
func (s *server) checkHeaders(r *request) error {
	for name := range r.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, "x-amz-meta-") || slices.Contains(knownHeaders, name) {
			continue
		}
		if a, ok := strings.CutPrefix(name, "x-amz-checksum-"); ok && algorithms[strings.ToUpper(a)] != nil {
			continue
		}
		return notImplemented("header "+name).with("Header", name)
	}
	if r.Header.Get("x-amz-bucket-object-lock-enabled") == "true" {
		return notImplemented("object lock").with("Header", "x-amz-bucket-object-lock-enabled")
	}
	for _, name := range []string{"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"} {
		if owner := r.Header.Get(name); owner != "" && owner != s.account {
			return errAccessDenied
		}
	}
	return nil
}
