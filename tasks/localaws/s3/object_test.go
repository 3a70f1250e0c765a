package s3

import (
	"bytes"
	"fmt"
	"net/http"
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
	_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("k"), Body: strings.NewReader("body"),
		ContentType: aws.String("application/json"), CacheControl: aws.String("no-store"), ContentLanguage: aws.String("de"),
		ContentDisposition: aws.String("inline"), ContentEncoding: aws.String("gzip"), StorageClass: types.StorageClassStandardIa,
		Metadata: map[string]string{"owner": "me"}, Tagging: aws.String("a=1&b=%26")})
	w.must(err)
	w.restart()
	got, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
	w.must(err)
	equal(t, "type", *got.ContentType, "application/json")
	equal(t, "cache control", *got.CacheControl, "no-store")
	equal(t, "language", *got.ContentLanguage, "de")
	equal(t, "disposition", *got.ContentDisposition, "inline")
	equal(t, "encoding", *got.ContentEncoding, "gzip")
	equal(t, "class", got.StorageClass, types.StorageClassStandardIa)
	equal(t, "metadata", got.Metadata["owner"], "me")
	equal(t, "length", *got.ContentLength, 4)
	equal(t, "etag", *got.ETag, `"841a2d689ad86bd1611447453c22c6fc"`)
	equal(t, "checksum", *got.ChecksumCRC32, "26gLsg==") // the SDK sends CRC32
	tags, err := w.GetObjectTagging(ctx, &awss3.GetObjectTaggingInput{Bucket: state, Key: aws.String("k")})
	w.must(err)
	equal(t, "tag", *tags.TagSet[1].Value, "&")

	over, err := w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("k"), ResponseContentType: aws.String("text/plain")})
	w.must(err)
	equal(t, "overridden type", *over.ContentType, "text/plain")
	plain := w.put("state", "plain", "")
	equal(t, "no version id", aws.ToString(plain.VersionId), "")
	w.raw("PUT", "/state/typeless", "")
	head, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("typeless")})
	w.must(err)
	equal(t, "default type", *head.ContentType, "binary/octet-stream")

	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, Metadata: map[string]string{"m": strings.Repeat("x", maxMetadata)}})
	w.refused(err, "MetadataTooLarge")
	_, err = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, StorageClass: "CELLAR"})
	w.refused(err, "InvalidStorageClass")
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
	keys := []string{"../x", "../../../../etc/passwd", ".", "..", "/", "//", "/a", "a//b", "a/", "a b+c", "a%2Fb", "ключ/键 🔑", "a&b=<c>\"'", "?x=y#z",
		"tab\tand\nline", "a\x00b", "a\x00", "a", strings.Repeat("k", maxKeyLength), strings.Repeat("é", maxKeyLength/2)}
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

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		header         string
		offset, length int64
		partial, bad   bool
	}{
		{"", 0, 10, false, false},
		{"bytes=0-3", 0, 4, true, false},
		{"bytes=4-", 4, 6, true, false},
		{"bytes=8-99", 8, 2, true, false},
		{"bytes=-3", 7, 3, true, false},
		{"bytes=-99", 0, 10, true, false},
		{"bytes=9-9", 9, 1, true, false},
		{"bytes=10-", 0, 0, false, true},
		{"bytes=-0", 0, 0, false, true},
		{"bytes=5-4", 0, 10, false, false},
		{"bytes=0-1,3-4", 0, 10, false, false},
		{"bytes=a-b", 0, 10, false, false},
		{"bytes=18446744073709551615-", 0, 10, false, false},
		{"lines=1-2", 0, 10, false, false},
	} {
		offset, length, partial, err := parseRange(c.header, 10)
		if offset != c.offset || length != c.length || partial != c.partial || (err != nil) != c.bad {
			t.Errorf("parseRange(%q) = %d, %d, %v, %v, want %+v", c.header, offset, length, partial, err, c)
		}
	}
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "big", big)
	out, err := w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("big"), Range: aws.String("bytes=65530-65545")})
	w.must(err)
	equal(t, "range", w.read(out.Body), big[65530:65546])
	equal(t, "Content-Range", *out.ContentRange, fmt.Sprintf("bytes 65530-65545/%d", len(big)))
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("big"), Range: aws.String("bytes=99999999-")})
	w.refused(err, "InvalidRange")
	w.put("state", "empty", "")
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("empty"), Range: aws.String("bytes=0-0")})
	w.refused(err, "InvalidRange")
}

func TestCopy(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.makeBucket("other")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("a b/ü"), Body: strings.NewReader(big), Metadata: map[string]string{"m": "1"}, Tagging: aws.String("t=1")})
	w.must(err)
	first := w.put("state", "a b/ü", "second")
	copied, err := w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: aws.String("other"), Key: aws.String("copy"), CopySource: aws.String("state/" + url.PathEscape("a b/ü") + "?versionId=" + *first.VersionId)})
	w.must(err)
	equal(t, "version", *copied.CopySourceVersionId, *first.VersionId)
	equal(t, "copy", w.get("other", "copy"), "second")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("a b/ü"), CopySource: aws.String("/state/a%20b/%C3%BC")})
	w.refused(err, "InvalidRequest") // onto itself, unchanged
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("a b/ü"), CopySource: aws.String("/state/a%20b/%C3%BC"), MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{"m": "2"}})
	w.must(err)
	head, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("a b/ü")})
	w.must(err)
	equal(t, "replaced metadata", head.Metadata["m"], "2")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("x"), CopySource: aws.String("state/nothing")})
	w.refused(err, "NoSuchKey")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("x"), CopySource: aws.String("other/copy"), CopySourceIfMatch: aws.String("no")})
	w.refused(err, "PreconditionFailed")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("x"), CopySource: aws.String("other")})
	w.refused(err, "InvalidArgument")
}

func TestObjectTagging(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	put := w.put("state", "k", "the content")
	_, err := w.PutObjectTagging(ctx, &awss3.PutObjectTaggingInput{Bucket: state, Key: aws.String("k"), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}})
	w.must(err)
	equal(t, "the object itself", w.get("state", "k"), "the content")
	got, err := w.GetObjectTagging(ctx, &awss3.GetObjectTaggingInput{Bucket: state, Key: aws.String("k"), VersionId: put.VersionId})
	w.must(err)
	equal(t, "tags", len(got.TagSet), 1)
	head, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("k")})
	w.must(err)
	equal(t, "tag count", aws.ToInt32(head.TagCount), 1)
	equal(t, "no new version", *head.VersionId, *put.VersionId)
	_, err = w.DeleteObjectTagging(ctx, &awss3.DeleteObjectTaggingInput{Bucket: state, Key: aws.String("k")})
	w.must(err)
	got, err = w.GetObjectTagging(ctx, &awss3.GetObjectTaggingInput{Bucket: state, Key: aws.String("k")})
	w.must(err)
	equal(t, "tags", len(got.TagSet), 0)
	_, err = w.PutObjectTagging(ctx, &awss3.PutObjectTaggingInput{Bucket: state, Key: aws.String("none"), Tagging: &types.Tagging{TagSet: []types.Tag{}}})
	w.refused(err, "NoSuchKey")
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
	w.http.Close() // waits for the handler, which unpins
	equal(t, "files left", len(w.bodies()), 0)
}

func TestReadConditions(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	put := w.put("state", "k", "body")
	modified := func() string {
		res, _ := w.raw("HEAD", "/state/k", "")
		return res.Header.Get("Last-Modified")
	}()
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"If-Match", *put.ETag, 200},
		{"If-Match", "*", 200},
		{"If-Match", `"no"`, 412},
		{"If-None-Match", *put.ETag, 304},
		{"If-None-Match", `"no", W/` + *put.ETag, 304},
		{"If-None-Match", `"no"`, 200},
		{"If-Modified-Since", modified, 304},
		{"If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 200},
		{"If-Unmodified-Since", modified, 200},
		{"If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 412},
		{"If-Modified-Since", "yesterday", 200},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			res, body := w.raw(method, "/state/k", "", c.header, c.value)
			equal(t, fmt.Sprintf("%s with %s: %s", method, c.header, c.value), res.StatusCode, c.want)
			if method == "HEAD" || c.want == http.StatusNotModified {
				equal(t, "body", body, "")
			}
		}
	}
}
