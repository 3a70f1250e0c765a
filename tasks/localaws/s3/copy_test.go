package s3

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestCopy(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.makeBucket("other")
	w.setVersioning("state", types.BucketVersioningStatusEnabled)
	_, err := w.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: aws.String("a b/ü"), Body: strings.NewReader(big), Metadata: map[string]string{"m": "1"}})
	w.must(err)
	first := w.put("state", "a b/ü", "second")
	copied, err := w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: aws.String("other"), Key: aws.String("copy"), CopySource: aws.String("state/" + url.PathEscape("a b/ü") + "?versionId=" + *first.VersionId)})
	w.must(err)
	equal(t, "version", *copied.CopySourceVersionId, *first.VersionId)
	equal(t, "copy", w.get("other", "copy"), "second")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("a b/ü"), CopySource: aws.String("/state/a%20b/%C3%BC")})
	w.refused(err, "InvalidRequest") // onto itself, unchanged
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{
		Bucket: state, Key: aws.String("a b/ü"), CopySource: aws.String("/state/a%20b/%C3%BC"), StorageClass: types.StorageClassStandard,
	})
	w.must(err)
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("a b/ü"), CopySource: aws.String("/state/a%20b/%C3%BC"), MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{"m": "2"}})
	w.must(err)
	head, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: aws.String("a b/ü")})
	w.must(err)
	equal(t, "replaced metadata", head.Metadata["m"], "2")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("x"), CopySource: aws.String("state/nothing")})
	w.refused(err, "NoSuchKey")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{
		Bucket: state, Key: aws.String("x"), CopySource: aws.String("other/copy"), CopySourceIfMatch: aws.String("no"),
	})
	w.refused(err, "NotImplemented")
	_, err = w.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: state, Key: aws.String("x"), CopySource: aws.String("other")})
	w.refused(err, "InvalidArgument")
}
