package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"go.etcd.io/bbolt"
)

// world is a running server and the folder it keeps.
type world struct {
	*testing.T
	dir  string
	db   *bbolt.DB
	http *httptest.Server
	*awss3.Client
}

const testRegion = "us-west-2"

func newWorld(t *testing.T) *world {
	w := &world{T: t, dir: t.TempDir()}
	w.start()
	t.Cleanup(w.stop)
	return w
}

func (w *world) start() {
	w.Helper()
	var err error
	if w.db, err = bbolt.Open(filepath.Join(w.dir, "test.db"), 0o600, &bbolt.Options{NoSync: true}); err != nil {
		w.Fatal(err)
	}
	h, err := New(Options{DB: w.db, Dir: filepath.Join(w.dir, "s3"), Account: "123456789012"})
	if err != nil {
		w.Fatal(err)
	}
	w.http = httptest.NewServer(h)
	w.Client = w.in(testRegion)
}

func (w *world) stop() {
	w.http.Close()
	if err := w.db.Close(); err != nil {
		w.Error(err)
	}
}

// restart is what a new process finds.
func (w *world) restart() {
	w.stop()
	w.start()
}

// in is a client of a region.
func (w *world) in(region string) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: region, BaseEndpoint: aws.String(w.http.URL), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDLOCAL", "secret", ""),
		Retryer:     aws.NopRetryer{},
		// What config.LoadDefaultConfig sets: every upload carries a CRC32, every download is verified.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	})
}

func (w *world) makeBucket(name string) {
	w.Helper()
	_, err := w.CreateBucket(context.Background(), &awss3.CreateBucketInput{
		Bucket:                    &name,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: testRegion},
	})
	w.must(err)
}

func (w *world) setVersioning(bucket string, status types.BucketVersioningStatus) {
	w.Helper()
	_, err := w.PutBucketVersioning(context.Background(), &awss3.PutBucketVersioningInput{
		Bucket:                  &bucket,
		VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	})
	w.must(err)
}

func (w *world) put(bucket, key, body string) *awss3.PutObjectOutput {
	w.Helper()
	out, err := w.PutObject(context.Background(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader([]byte(body))})
	w.must(err)
	return out
}

func (w *world) get(bucket, key string) string {
	w.Helper()
	out, err := w.GetObject(context.Background(), &awss3.GetObjectInput{Bucket: &bucket, Key: &key})
	w.must(err)
	return w.read(out.Body)
}

func (w *world) read(body io.ReadCloser) string {
	w.Helper()
	defer body.Close()
	data, err := io.ReadAll(body)
	w.must(err)
	return string(data)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// refused checks that err is S3's error of a code.
func (w *world) refused(err error, code string) {
	w.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		w.Errorf("got %v, want the error %s", err, code)
	}
}

// equal compares what was got with what was wanted.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
