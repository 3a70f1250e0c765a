package s3

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The sums of "123456789", which every catalogue of checksums has.
var checkValues = map[string]string{
	"CRC32": "cbf43926", "CRC32C": "e3069283", "CRC64NVME": "ae8b14860a799888",
	"SHA1":   "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
	"SHA256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
}

func TestChecksums(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for name, want := range checkValues {
		h := algorithms[name]()
		h.Write([]byte("123456789"))
		equal(t, name, fmt.Sprintf("%x", h.Sum(nil)), want)

		header, value := "x-amz-checksum-"+strings.ToLower(name), base64.StdEncoding.EncodeToString(h.Sum(nil))
		res, text := w.raw("PUT", "/state/k", "123456789", header, value)
		equal(t, "right "+name+text, res.StatusCode, 200)
		equal(t, "returned by PUT", res.Header.Get(header), value)
		res, _ = w.raw("HEAD", "/state/k", "", "x-amz-checksum-mode", "ENABLED")
		equal(t, "returned by HEAD", res.Header.Get(header), value)
		equal(t, "its type", res.Header.Get("x-amz-checksum-type"), "FULL_OBJECT")
		res, _ = w.raw("HEAD", "/state/k", "")
		equal(t, "not asked for", res.Header.Get(header), "")

		_, text = w.raw("PUT", "/state/k", "12345678", header, value)
		equal(t, "wrong "+name, strings.Contains(text, "<Code>BadDigest</Code>"), true)
	}
	equal(t, "the first stayed", w.get("state", "k"), "123456789")
}

func TestBodyIsVerified(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for _, c := range []struct {
		name, code string
		headers    []string
	}{
		{"MD5", "BadDigest", []string{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}},
		{"no MD5", "BadDigest", []string{"Content-MD5", "abc"}},
		{"SHA-256", "XAmzContentSHA256Mismatch", []string{"x-amz-content-sha256", strings.Repeat("0", 64)}},
		{"no SHA-256", "NotImplemented", []string{"x-amz-content-sha256", "abc"}},
		{"nothing said of the payload", "InvalidRequest", []string{"x-amz-content-sha256", ""}},
		{"two checksums", "InvalidRequest", []string{"x-amz-checksum-crc32", "AAAAAA==", "x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="}},
		{"an unknown checksum", "NotImplemented", []string{"x-amz-checksum-xxhash3", "AAAAAA=="}},
		{"a trailer", "NotImplemented", []string{"x-amz-trailer", "x-amz-checksum-crc32"}},
	} {
		for _, path := range []string{"/state/k", "/state?tagging"} {
			_, text := w.raw("PUT", path, "<Tagging><TagSet/></Tagging>", c.headers...)
			if !strings.Contains(text, "<Code>"+c.code+"</Code>") {
				t.Errorf("%s: PUT %s answers %s, want %s", c.name, path, text, c.code)
			}
		}
	}
	_, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("k")})
	w.refused(err, "NotFound")
	_, err = w.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: state})
	w.refused(err, "NoSuchTagSet")
}

func TestSDKVerifiesDownloads(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	for _, a := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha256} {
		_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, Body: strings.NewReader(big), ChecksumAlgorithm: a})
		w.must(err)
		out, err := w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: state, ChecksumMode: types.ChecksumModeEnabled})
		w.must(err)
		equal(t, "body", w.read(out.Body), big)
	}
}
