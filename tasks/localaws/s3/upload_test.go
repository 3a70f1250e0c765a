package s3

import (
	"strings"
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
	_, err = w.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{Bucket: state, Key: aws.String("k"), UploadId: id, MpuObjectSize: aws.Int64(4), MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{p}}})
	w.refused(err, "InvalidRequest")
	w.put("state", "k", "somebody was faster")
	_, err = w.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{Bucket: state, Key: aws.String("k"), UploadId: id, IfNoneMatch: aws.String("*"), MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{p}}})
	w.refused(err, "PreconditionFailed")
	_, err = complete(p)
	w.must(err)
	equal(t, "body", w.get("state", "k"), "one")
}

func TestListUploads(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	first, _, _ := w.begin("a", awss3.CreateMultipartUploadInput{})
	second, _, _ := w.begin("a", awss3.CreateMultipartUploadInput{})
	third, _, _ := w.begin("b/1", awss3.CreateMultipartUploadInput{})
	w.restart()
	var got []string
	in := &awss3.ListMultipartUploadsInput{Bucket: state, MaxUploads: aws.Int32(1)}
	for {
		out, err := w.ListMultipartUploads(ctx, in)
		w.must(err)
		for _, u := range out.Uploads {
			got = append(got, *u.UploadId)
		}
		if !*out.IsTruncated {
			break
		}
		in.KeyMarker, in.UploadIdMarker = out.NextKeyMarker, out.NextUploadIdMarker
	}
	equal(t, "uploads", strings.Join(got, " "), strings.Join([]string{*first, *second, *third}, " "))
	out, err := w.ListMultipartUploads(ctx, &awss3.ListMultipartUploadsInput{Bucket: state, Delimiter: aws.String("/")})
	w.must(err)
	equal(t, "common prefix", *out.CommonPrefixes[0].Prefix, "b/")
}

func TestPartCopy(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	w.put("state", "src", big)
	id, part, complete := w.begin("k", awss3.CreateMultipartUploadInput{})
	p1 := part(1, body(minPart, 1))
	out, err := w.UploadPartCopy(ctx, &awss3.UploadPartCopyInput{Bucket: state, Key: aws.String("k"), UploadId: id, PartNumber: aws.Int32(2), CopySource: aws.String("state/src"), CopySourceRange: aws.String("bytes=5-9")})
	w.must(err)
	_, err = complete(p1, types.CompletedPart{PartNumber: aws.Int32(2), ETag: out.CopyPartResult.ETag})
	w.must(err)
	equal(t, "tail", w.get("state", "k")[minPart:], "56789")
	id, _, _ = w.begin("k", awss3.CreateMultipartUploadInput{})
	for _, spec := range []string{"bytes=5-", "bytes=-5", "bytes=9-5", "bytes=0-99999999", "5-9"} {
		_, err = w.UploadPartCopy(ctx, &awss3.UploadPartCopyInput{Bucket: state, Key: aws.String("k"), UploadId: id, PartNumber: aws.Int32(2), CopySource: aws.String("state/src"), CopySourceRange: &spec})
		w.refused(err, "InvalidArgument")
	}
}
