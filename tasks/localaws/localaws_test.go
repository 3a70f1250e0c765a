package localaws_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/localaws"
)

const region = "us-west-2"

// local is a local AWS behind a real listener, with a clock that tests can move.
type local struct {
	t      *testing.T
	dir    string
	aws    *localaws.AWS
	server *httptest.Server
	url    string
	clock  localaws.Clock
}

func start(t *testing.T, o localaws.Options) *local {
	t.Helper()
	l := &local{t: t, dir: t.TempDir()}
	l.open(o)
	t.Cleanup(l.close)
	return l
}

func (l *local) open(o localaws.Options) {
	l.t.Helper()
	o.Dir = l.dir
	o.Now = l.clock.Now
	o.Log = l.t.Logf
	opened, err := localaws.Open(o)
	if err != nil {
		l.t.Fatal(err)
	}
	l.aws, l.server = opened, httptest.NewServer(opened)
	l.url = l.server.URL
}

func (l *local) close() {
	l.server.Close()
	if err := l.aws.Close(); err != nil {
		l.t.Error(err)
	}
}

// restart closes the folder and opens it again, behind another port.
func (l *local) restart() {
	l.t.Helper()
	l.close()
	l.open(localaws.Options{})
}

func (l *local) pass(d time.Duration) { l.clock.Advance(d) }

func (l *local) host() string { return strings.TrimPrefix(l.url, "http://") }

func (l *local) ecr() *ecr.Client { return l.ecrIn(region) }

func (l *local) ecrIn(region string) *ecr.Client {
	return ecr.New(ecr.Options{
		Region:       region,
		BaseEndpoint: aws.String(l.url),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   sdkHTTP,
	})
}

// repository creates one for a test.
func (l *local) repository(name string, change ...func(*ecr.CreateRepositoryInput)) {
	l.t.Helper()
	in := &ecr.CreateRepositoryInput{RepositoryName: &name}
	for _, fn := range change {
		fn(in)
	}
	if _, err := l.ecr().CreateRepository(l.t.Context(), in); err != nil {
		l.t.Fatal(err)
	}
}

// wantCode fails unless err is ECR's exception of this name.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}

func wantOK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
