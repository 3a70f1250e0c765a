package s3

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var ctx = context.Background()

func TestLocationRules(t *testing.T) {
	for _, c := range []struct{ name, endpoint, constraint, want, code string }{
		{"us-east-1 without", "us-east-1", "", "us-east-1", ""},
		{"us-east-1 by name", "us-east-1", "us-east-1", "", "InvalidLocationConstraint"},
		{"the global endpoint elsewhere", "us-east-1", "eu-west-1", "eu-west-1", ""},
		{"own region", "us-west-2", "us-west-2", "us-west-2", ""},
		{"none given", "us-west-2", "", "", "IllegalLocationConstraintException"},
		{"us-east-1 from elsewhere", "us-west-2", "us-east-1", "", "IllegalLocationConstraintException"},
		{"another region", "us-west-2", "eu-central-1", "", "IllegalLocationConstraintException"},
		{"no region", "us-west-2", "nowhere", "", "InvalidLocationConstraint"},
		{"the old name of Ireland", "eu-west-1", "EU", "", "InvalidLocationConstraint"},
	} {
		got, err := location(c.endpoint, c.constraint)
		code := ""
		if refused := (*apiError)(nil); errors.As(err, &refused) {
			code = refused.code
		}
		if got != c.want || code != c.code {
			t.Errorf("%s: location(%q, %q) = %q, %s, want %q, %s", c.name, c.endpoint, c.constraint, got, code, c.want, c.code)
		}
	}
}

func TestBucketNames(t *testing.T) {
	for name, want := range map[string]bool{
		"abc": true, "a.b-c.9": true, strings.Repeat("a", 63): true,
		"ab": false, strings.Repeat("a", 64): false, "Abc": false, "a_b": false, "-ab": false, "ab-": false, "a..b": false,
		"192.168.5.4": false, "xn--abc": false, "sthree-x": false, "x-s3alias": false, "x--x-s3": false, "..": false,
	} {
		equal(t, "validBucketName("+name+")", validBucketName(name), want)
	}
}

func TestBucketLife(t *testing.T) {
	w := newWorld(t)
	name := aws.String("state")
	w.makeBucket("state")
	_, err := w.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: testRegion}})
	w.refused(err, "BucketAlreadyOwnedByYou")
	_, err = w.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("other")})
	w.refused(err, "IllegalLocationConstraintException")

	head, err := w.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: name})
	w.must(err)
	equal(t, "region", aws.ToString(head.BucketRegion), testRegion)
	loc, err := w.GetBucketLocation(ctx, &awss3.GetBucketLocationInput{Bucket: name})
	w.must(err)
	equal(t, "location", loc.LocationConstraint, testRegion)
	w.put("state", "key", "body")
	_, err = w.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: name})
	w.refused(err, "BucketNotEmpty")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	_, err = w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: name, Key: aws.String("key")})
	w.must(err)
	_, err = w.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: name})
	w.refused(err, "BucketNotEmpty") // a version and a marker
	w.empty("state")
	_, err = w.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: name, Key: aws.String("unfinished")})
	w.must(err)
	_, err = w.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: name})
	w.must(err)
	_, err = w.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: name})
	w.refused(err, "NotFound")
	_, err = w.GetObject(ctx, &awss3.GetObjectInput{Bucket: name, Key: aws.String("key")})
	w.refused(err, "NoSuchBucket")
}

// empty deletes every version, as a person would.
func (w *world) empty(bucket string) {
	w.Helper()
	pages := awss3.NewListObjectVersionsPaginator(w.Client, &awss3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		w.must(err)
		var ids []types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, v := range page.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		out, err := w.DeleteObjects(ctx, &awss3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
		w.must(err)
		equal(w, "errors", len(out.Errors), 0)
	}
}

func TestUSEast1(t *testing.T) {
	w := newWorld(t)
	east := w.in("us-east-1")
	for range 2 { // there the owner may create it again
		_, err := east.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("first")})
		w.must(err)
	}
	loc, err := w.GetBucketLocation(ctx, &awss3.GetBucketLocationInput{Bucket: aws.String("first")})
	w.must(err)
	equal(t, "location", loc.LocationConstraint, "")
}

func TestBucketOfAnotherRegion(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	far := w.in("eu-central-1")
	_, err := far.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("state"), Key: aws.String("key")})
	w.refused(err, "PermanentRedirect")
	_, err = far.CreateBucket(ctx, &awss3.CreateBucketInput{
		Bucket:                    aws.String("state"),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"},
	})
	w.refused(err, "BucketAlreadyOwnedByYou") // names are for all regions
	res, _ := w.raw("HEAD", "/state", "", "Authorization", strings.Replace(authorization, testRegion, "eu-central-1", 1))
	equal(t, "status", res.StatusCode, 301)
	equal(t, "x-amz-bucket-region", res.Header.Get("x-amz-bucket-region"), testRegion)
}

func TestListBuckets(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"b-1", "a-1", "b-2"} {
		w.makeBucket(name)
	}
	_, err := w.in("us-east-1").CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("b-east")})
	w.must(err)
	out, err := w.ListBuckets(ctx, &awss3.ListBucketsInput{})
	w.must(err)
	var got []string
	for _, b := range out.Buckets {
		got = append(got, *b.Name+" "+*b.BucketRegion)
	}
	equal(t, "buckets", strings.Join(got, ","), "a-1 us-west-2,b-1 us-west-2,b-2 us-west-2,b-east us-east-1")
}
