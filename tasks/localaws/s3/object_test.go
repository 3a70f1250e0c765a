package s3

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// big is a body that becomes a file.
var big = strings.Repeat("0123456789abcdef", inlineMax/16+1)

func TestObjectHeaders(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	_, err := w.PutObject(ctx, &awss3.PutObjectInput{
		Bucket: state, Key: aws.String("k"), Body: strings.NewReader("body"),
		ContentType: aws.String("application/json"), CacheControl: aws.String("no-store"), ContentLanguage: aws.String("de"),
		ContentDisposition: aws.String("inline"), ContentEncoding: aws.String("gzip"),
		Metadata: map[string]string{"owner": "me"},
	})
	w.must(err)
	w.restart()
	got, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
	w.must(err)
	equal(t, "type", *got.ContentType, "application/json")
	equal(t, "cache control", *got.CacheControl, "no-store")
	equal(t, "language", *got.ContentLanguage, "de")
	equal(t, "disposition", *got.ContentDisposition, "inline")
	equal(t, "encoding", *got.ContentEncoding, "gzip")
	equal(t, "metadata", got.Metadata["owner"], "me")
	equal(t, "length", *got.ContentLength, 4)
	equal(t, "etag", *got.ETag, `"841a2d689ad86bd1611447453c22c6fc"`)
	equal(t, "checksum", *got.ChecksumCRC32, "26gLsg==") // the SDK sends CRC32
	equal(t, "metadata in lower case: "+w.head("/state/k"), strings.Contains(w.head("/state/k"), "\r\nx-amz-meta-owner: me\r\n"), true)
	plain := w.put("state", "plain", "")
	equal(t, "no version id", aws.ToString(plain.VersionId), "")
	w.raw("PUT", "/state/typeless", "")
	head, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("typeless")})
	w.must(err)
	equal(t, "default type", *head.ContentType, "binary/octet-stream")

	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, Metadata: map[string]string{"m": strings.Repeat("x", maxMetadata)}})
	w.refused(err, "MetadataTooLarge")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, StorageClass: "CELLAR"})
	w.refused(err, "NotImplemented")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, ServerSideEncryption: "rot13"})
	w.refused(err, "InvalidEncryptionAlgorithmError")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, ExpectedBucketOwner: aws.String("999999999999")})
	w.refused(err, "AccessDenied")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, ExpectedBucketOwner: aws.String("123456789012")})
	w.must(err)
}

func TestOddKeys(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	keys := []string{
		"../x", "../../../../etc/passwd", ".", "..", "/", "//", "/a", "a//b", "a/", "a b+c", "a%2Fb", "ключ/键 🔑", "a&b=<c>\"'", "?x=y#z",
		"tab\tand\nline", "a", strings.Repeat("k", maxKeyLength), strings.Repeat("é", maxKeyLength/2),
	}
	for _, key := range keys {
		w.put("state", key, "body of "+key)
	}
	w.restart()
	for _, key := range keys {
		equal(t, fmt.Sprintf("body of %q", key), w.get("state", key), "body of "+key)
	}
	listed := map[string]bool{}
	pages := awss3.NewListObjectsV2Paginator(w.Client, &awss3.ListObjectsV2Input{Bucket: state, EncodingType: types.EncodingTypeUrl, MaxKeys: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		w.must(err)
		for _, o := range page.Contents {
			key, err := url.QueryUnescape(*o.Key)
			w.must(err)
			listed[key] = true
		}
	}
	for _, key := range keys {
		equal(t, fmt.Sprintf("%q listed", key), listed[key], true)
	}
	equal(t, "keys listed", len(listed), len(keys))
	_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String(strings.Repeat("k", maxKeyLength+1))})
	w.refused(err, "KeyTooLongError")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("a\x01")})
	w.refused(err, "NotImplemented")
	res, body := w.raw("PUT", "/state/%ff", "")
	equal(t, "not UTF-8: status", res.StatusCode, 400)
	equal(t, "not UTF-8: code", strings.Contains(body, "<Code>InvalidURI</Code>"), true)
	for _, key := range keys {
		_, err := w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: &key})
		w.must(err)
	}
	_, err = w.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: state})
	w.must(err)
}

func TestReadWhileDeleted(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	body := bytes.Repeat([]byte("x"), 32<<20) // more than the sockets between take
	_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, Body: bytes.NewReader(body)})
	w.must(err)
	out, err := w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: state})
	w.must(err)
	_, err = w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: state})
	w.must(err)
	equal(t, "body", w.read(out.Body) == string(body), true)
	w.http.Close() // waits for the handler, which closes the file
	equal(t, "files left", len(w.bodies()), 0)
}
