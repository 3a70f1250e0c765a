package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestUploadRefusals(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	id, part, complete := w.begin("k", awss3.CreateMultipartUploadInput{})
	p := part(1, []byte("one"))
	for _, n := range []int32{0, 10001} {
		_, err := w.UploadPart(ctx, &awss3.UploadPartInput{Bucket: state, Key: aws.String("k"), UploadId: id, PartNumber: &n})
		w.refused(err, "InvalidArgument")
	}
	_, err := w.UploadPart(ctx, &awss3.UploadPartInput{Bucket: state, Key: aws.String("another"), UploadId: id, PartNumber: aws.Int32(1)})
	w.refused(err, "NoSuchUpload")
	_, err = w.UploadPart(ctx, &awss3.UploadPartInput{Bucket: state, Key: aws.String("k"), UploadId: aws.String("../x"), PartNumber: aws.Int32(1)})
	w.refused(err, "NoSuchUpload")
	w.put("state", "k", "somebody was faster")
	_, err = w.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{Bucket: state, Key: aws.String("k"), UploadId: id, IfNoneMatch: aws.String("*"), MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{p}}})
	w.refused(err, "PreconditionFailed")
	_, err = complete(p)
	w.must(err)
	equal(t, "body", w.get("state", "k"), "one")
}
