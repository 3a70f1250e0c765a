package s3

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// history lists a bucket's versions as "key:body" or "key:deleted", with a star at the latest.
func (w *world) history(page int32) string {
	w.Helper()
	in := &awss3.ListObjectVersionsInput{Bucket: state, MaxKeys: &page}
	var all []string
	for {
		out, err := w.ListObjectVersions(ctx, in)
		w.must(err)
		if n := len(out.Versions) + len(out.DeleteMarkers); n > int(page) {
			w.Errorf("a page of %d has %d entries", page, n)
		}
		seen := map[string]string{}
		for _, v := range out.Versions {
			body, err := w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: v.Key, VersionId: v.VersionId})
			w.must(err)
			seen[*v.Key] += fmt.Sprintf(" %s:%s%s", *v.Key, w.read(body.Body), star(v.IsLatest))
		}
		for _, v := range out.DeleteMarkers {
			seen[*v.Key] += fmt.Sprintf(" %s:deleted%s", *v.Key, star(v.IsLatest))
		}
		for _, key := range []string{"a", "b"} {
			all = append(all, seen[key])
		}
		if !*out.IsTruncated {
			return strings.TrimSpace(strings.Join(all, ""))
		}
		in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
	}
}

func star(latest *bool) string {
	if *latest {
		return "*"
	}
	return ""
}

func TestVersionsLast(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "a", "0") // the null version
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	w.put("state", "a", "1")
	second := w.put("state", "a", "2")
	w.put("state", "b", big)
	gone, err := w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("a")})
	w.must(err)
	equal(t, "marker", *gone.DeleteMarker, true)
	w.restart()
	for _, page := range []int32{1, 1000} { // one by one the order is seen too
		want := map[int32]string{1: "a:deleted* a:2 a:1 a:0 b:" + big + "*", 1000: "a:2 a:1 a:0 a:deleted* b:" + big + "*"}[page]
		equal(t, fmt.Sprintf("history by %d", page), w.history(page), want)
	}

	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("a")})
	w.refused(err, "NoSuchKey")
	res, _ := w.raw("GET", "/state/a", "")
	equal(t, "x-amz-delete-marker", res.Header.Get("x-amz-delete-marker"), "true")
	equal(t, "x-amz-version-id", res.Header.Get("x-amz-version-id"), *gone.VersionId)
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("a"), VersionId: gone.VersionId})
	w.refused(err, "MethodNotAllowed")
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("b"), VersionId: second.VersionId})
	w.refused(err, "NoSuchVersion")
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: state, Key: aws.String("b"), VersionId: aws.String("1.2")})
	w.refused(err, "InvalidArgument")
	_, err = w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("a"), VersionId: gone.VersionId})
	var status *smithyhttp.ResponseError
	if !errors.As(err, &status) || status.HTTPStatusCode() != 405 {
		t.Errorf("HEAD of a delete marker: %v, want 405", err)
	}

	undone, err := w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("a"), VersionId: gone.VersionId})
	w.must(err)
	equal(t, "a marker was deleted", *undone.DeleteMarker, true)
	equal(t, "undeleted", w.get("state", "a"), "2")
	_, err = w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("a"), VersionId: second.VersionId})
	w.must(err)
	equal(t, "the one before", w.get("state", "a"), "1")
	_, err = w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("a"), VersionId: second.VersionId})
	w.must(err) // gone already
}

func TestSuspendedVersioning(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	w.put("state", "a", "1")
	w.setVersioning("state", types.BucketVersioningStatusSuspended)
	equal(t, "version id", *w.put("state", "a", "2").VersionId, "null")
	w.put("state", "a", "3") // replaces the null version
	equal(t, "history", w.history(1), "a:3* a:1")
	out, err := w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("a")})
	w.must(err)
	equal(t, "marker", *out.VersionId, "null")
	equal(t, "history", w.history(1), "a:deleted* a:1")
	_, err = w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("a"), VersionId: aws.String("null")})
	w.must(err)
	equal(t, "history", w.history(1), "a:1*")
}

func TestDeleteObjects(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	put := w.put("state", "a", "1")
	w.put("state", "b", big)
	out, err := w.DeleteObjects(ctx, &awss3.DeleteObjectsInput{Bucket: state, Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: aws.String("a"), VersionId: put.VersionId}, {Key: aws.String("b")}, {Key: aws.String("none")}, {Key: aws.String("c"), VersionId: aws.String("-")},
	}}})
	w.must(err)
	equal(t, "deleted", len(out.Deleted), 3)
	_, listing := w.raw("GET", "/state?versions", "")
	equal(t, "one namespace: "+listing, strings.Count(listing, "xmlns"), 1)
	equal(t, "the version", *out.Deleted[0].VersionId, *put.VersionId)
	equal(t, "a marker", *out.Deleted[1].DeleteMarker, true)
	equal(t, "errors", len(out.Errors), 1)
	equal(t, "the error", *out.Errors[0].Code, "InvalidArgument")
	many := make([]types.ObjectIdentifier, maxDeletes+1)
	for i := range many {
		many[i].Key = aws.String("k")
	}
	_, err = w.DeleteObjects(ctx, &awss3.DeleteObjectsInput{Bucket: state, Delete: &types.Delete{Objects: many}})
	w.refused(err, "MalformedXML")
	res, body := w.raw("POST", "/state?delete", "<Delete><Object><Key>b</Key></Object></Delete>")
	equal(t, "without a sum: status", res.StatusCode, 400)
	equal(t, "without a sum: code", strings.Contains(body, "Content-MD5"), true)
}
