package s3

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// list walks all pages.
func (w *world) list(prefix, delimiter, after string, page int32) string {
	w.Helper()
	var all []string
	collect := func(objects []types.Object, prefixes []types.CommonPrefix) {
		var names []string
		for _, o := range objects {
			names = append(names, *o.Key)
		}
		for _, p := range prefixes {
			names = append(names, *p.Prefix)
		}
		slices.Sort(names) // the two lists of a page are one sequence
		all = append(all, names...)
		if len(names) > int(page) {
			w.Errorf("a page of %d has %d entries", page, len(names))
		}
	}
	pages := awss3.NewListObjectsV2Paginator(w.Client, &awss3.ListObjectsV2Input{Bucket: state, Prefix: &prefix, Delimiter: &delimiter, StartAfter: &after, MaxKeys: &page})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		w.must(err)
		equal(w, "KeyCount", int(*out.KeyCount), len(out.Contents)+len(out.CommonPrefixes))
		collect(out.Contents, out.CommonPrefixes)
	}
	return strings.Join(all, " ")
}

func TestListings(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	for _, key := range []string{"a", "a/1", "a/2", "a/b/3", "a0", "b/", "b/1", "c", "gone/1", "é/1"} {
		w.put("state", key, "1")
		w.put("state", key, "2")
	}
	for _, key := range []string{"gone/1", "a0"} {
		_, err := w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: &key})
		w.must(err)
	}
	for _, c := range []struct{ prefix, delimiter, after, want string }{
		{"", "", "", "a a/1 a/2 a/b/3 b/ b/1 c é/1"},
		{"", "/", "", "a a/ b/ c é/"},
		{"a", "/", "", "a a/"},
		{"a/", "/", "", "a/1 a/2 a/b/"},
		{"a/", "", "", "a/1 a/2 a/b/3"},
		{"b/", "/", "", "b/ b/1"},
		{"", "", "a/2", "a/b/3 b/ b/1 c é/1"},
		{"", "/", "a/", "b/ c é/"},
		{"", "/", "a/1", "a/ b/ c é/"},
		{"a/", "/", "a/2", "a/b/"},
		{"", "b/", "", "a a/1 a/2 a/b/ b/ c é/1"},
		{"c", "", "z", ""},
		{"nothing", "/", "", ""},
		{"gone", "/", "", ""},
	} {
		for _, page := range []int32{1, 2, 1000} {
			got := w.list(c.prefix, c.delimiter, c.after, page)
			if got != c.want {
				t.Errorf("list(%q, %q, %q) by %d = %q, want %q", c.prefix, c.delimiter, c.after, page, got, c.want)
			}
		}
	}
	none, err := w.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: state, MaxKeys: aws.Int32(0)})
	w.must(err)
	equal(t, "max-keys 0: truncated", *none.IsTruncated, false)
	_, err = w.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: state, ContinuationToken: aws.String("forged")})
	w.refused(err, "InvalidArgument")
	_, err = w.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: state, MaxKeys: aws.Int32(-1)})
	w.refused(err, "InvalidArgument")
}

func TestVersionListingByPrefix(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	for _, key := range []string{"a/1", "a/1", "a/2", "b"} {
		w.put("state", key, "")
	}
	out, err := w.ListObjectVersions(ctx, &awss3.ListObjectVersionsInput{Bucket: state, Prefix: aws.String("a/1")})
	w.must(err)
	equal(t, "versions of a/1", len(out.Versions), 2)
	out, err = w.ListObjectVersions(ctx, &awss3.ListObjectVersionsInput{Bucket: state, Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)})
	w.must(err)
	equal(t, "common prefix", *out.CommonPrefixes[0].Prefix, "a/")
	out, err = w.ListObjectVersions(ctx, &awss3.ListObjectVersionsInput{Bucket: state, Delimiter: aws.String("/"), KeyMarker: out.NextKeyMarker, VersionIdMarker: out.NextVersionIdMarker})
	w.must(err)
	equal(t, "after it", *out.Versions[0].Key, "b")
	equal(t, "prefixes after it", len(out.CommonPrefixes), 0)
	_, err = w.ListObjectVersions(ctx, &awss3.ListObjectVersionsInput{
		Bucket: state, KeyMarker: aws.String("a"), VersionIdMarker: aws.String("x"),
	})
	w.refused(err, "InvalidArgument")
}

func TestMoreThanOnePage(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	const n = 2*maxPage + 1
	keys := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for key := range keys {
				w.put("state", key, key)
			}
		})
	}
	for i := range n {
		keys <- fmt.Sprintf("d/%05d", i)
	}
	close(keys)
	wg.Wait()
	got := strings.Fields(w.list("", "", "", 1000))
	equal(t, "objects", len(got), n)
	equal(t, "sorted", slices.IsSorted(got), true)
	equal(t, "rolled up", w.list("", "/", "", 1000), "d/")
	first, err := w.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: state, MaxKeys: aws.Int32(5000)})
	w.must(err)
	equal(t, "a page at most", len(first.Contents), maxPage)
	w.empty("state")
	_, err = w.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: state})
	w.must(err)
}
