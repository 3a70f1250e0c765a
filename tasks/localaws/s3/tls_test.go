package s3

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// TestOverTLS is about the other framing: under TLS the SDK sends its checksum in a trailer of an aws-chunked body.
func TestOverTLS(t *testing.T) {
	w := newWorld(t)
	w.makeBucket("state")
	srv := httptest.NewTLSServer(w.http.Config.Handler)
	t.Cleanup(srv.Close)
	options := w.Options()
	options.BaseEndpoint, options.HTTPClient = &srv.URL, srv.Client()
	secure := awss3.New(options)
	for _, a := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmSha256, types.ChecksumAlgorithmCrc64nvme} {
		_, err := secure.PutObject(ctx, &awss3.PutObjectInput{Bucket: state, Key: state, Body: strings.NewReader(big), ChecksumAlgorithm: a, ContentEncoding: aws.String("br")})
		w.must(err)
		head, err := w.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: state, Key: state, ChecksumMode: types.ChecksumModeEnabled})
		w.must(err)
		equal(t, "length", int(*head.ContentLength), len(big))
		equal(t, "encoding", *head.ContentEncoding, "br")
		equal(t, "checksum type", head.ChecksumType, types.ChecksumTypeFullObject)
		res, text := w.raw("GET", "/state/state", "", "Accept-Encoding", "identity")
		equal(t, "status", res.StatusCode, 200)
		equal(t, "body", text == big, true)
	}
}
