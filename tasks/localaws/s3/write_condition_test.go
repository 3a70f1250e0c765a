package s3

import (
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestOnlyOneCreates(t *testing.T) {
	for _, body := range []string{"lock", big} {
		w := newWorld(t)
		w.makeBucket("state")
		w.setVersioning("state", types.BucketVersioningStatusEnabled)
		errs := make([]error, 64)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("k.tflock"), Body: strings.NewReader(body), IfNoneMatch: aws.String("*")})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				w.refused(err, "PreconditionFailed")
			}
		}
		equal(t, "winners", won, 1)
		equal(t, "files", len(w.bodies()), len(body)/inlineMax)
		out, err := w.ListObjectVersions(ctx, &awss3.ListObjectVersionsInput{Bucket: state})
		w.must(err)
		equal(t, "versions", len(out.Versions), 1)
	}
}

func TestWriteConditions(t *testing.T) {
	for _, status := range []types.BucketVersioningStatus{"", types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended} {
		t.Run("versioning "+string(status), func(t *testing.T) {
			w := newWorld(t)
			w.makeBucket("state")
			if status != "" {
				w.setVersioning("state", status)
			}
			put := func(match, noneMatch string) (*awss3.PutObjectOutput, error) {
				in := &awss3.PutObjectInput{Bucket: state, Key: aws.String("k"), Body: strings.NewReader(match + noneMatch)}
				if match != "" {
					in.IfMatch = &match
				}
				if noneMatch != "" {
					in.IfNoneMatch = &noneMatch
				}
				return w.PutObject(ctx, in)
			}
			remove := func(match string) error {
				_, err := w.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: state, Key: aws.String("k"), IfMatch: &match})
				return err
			}
			_, err := put("abc", "")
			w.refused(err, "NoSuchKey")
			w.refused(remove("*"), "NoSuchKey")
			made, err := put("", "*")
			w.must(err)
			_, err = put("", "*")
			w.refused(err, "PreconditionFailed")
			_, err = put("abc", "")
			w.refused(err, "PreconditionFailed")
			made, err = put(*made.ETag, "")
			w.must(err)
			w.refused(remove(`"abc"`), "PreconditionFailed")
			w.must(remove(strings.Trim(*made.ETag, `"`))) // S3 takes it without quotes too
			w.refused(remove(*made.ETag), "NoSuchKey")
			_, err = put(*made.ETag, "")
			w.refused(err, "NoSuchKey")
			_, err = put("", "*") // a delete marker counts as absent
			w.must(err)
			_, err = put("", *made.ETag)
			w.refused(err, "NotImplemented")
			_, err = put("*", "")
			w.refused(err, "NotImplemented")
			_, err = put(*made.ETag, "*")
			w.refused(err, "NotImplemented")
		})
	}
}
