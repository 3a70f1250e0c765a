package localaws_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"envoy-proxy-poc/tasks/localaws"
)

func startFaulty(t *testing.T) (*local, *localaws.Faults) {
	t.Helper()
	faults := new(localaws.Faults)
	return start(t, localaws.Options{Faults: faults}), faults
}

// patient are the SDK's own retries, three attempts, without its waiting.
func patient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
}

var keys = credentials.NewStaticCredentialsProvider("local", "local", "")

func (l *local) s3(retryer aws.Retryer) *s3.Client {
	return s3.New(s3.Options{
		Region: region, BaseEndpoint: &l.url, Credentials: keys, UsePathStyle: true, Retryer: retryer,
	})
}

func (l *local) sts(retryer aws.Retryer) *sts.Client {
	return sts.New(sts.Options{Region: region, BaseEndpoint: &l.url, Credentials: keys, Retryer: retryer})
}

func (l *local) bucket(name string) {
	l.t.Helper()
	_, err := l.s3(aws.NopRetryer{}).CreateBucket(l.t.Context(), &s3.CreateBucketInput{
		Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	wantOK(l.t, err)
}

// calls is one call of each API.
func (l *local) calls(retryer func() aws.Retryer) map[string]func() error {
	ctx := l.t.Context()
	return map[string]func() error{
		"ecr": func() error {
			_, err := ecr.New(ecr.Options{Region: region, BaseEndpoint: &l.url, Credentials: keys, Retryer: retryer()}).
				DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
			return err
		},
		"s3": func() error {
			_, err := l.s3(retryer()).PutObject(ctx,
				&s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key"), Body: strings.NewReader("text")})
			return err
		},
		"sts": func() error {
			_, err := l.sts(retryer()).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			return err
		},
	}
}

var operations = map[string]string{"ecr": "DescribeRepositories", "s3": "PutObject", "sts": "GetCallerIdentity"}

func TestSDKsGetOverFaults(t *testing.T) {
	l, faults := startFaulty(t)
	l.bucket("bucket")
	for _, fault := range []localaws.Fault{
		{Kind: localaws.Throttle},
		{Kind: localaws.ServerError},
		{Kind: localaws.ServerError, Status: 503},
		{Kind: localaws.Cut},
		{Kind: localaws.CutRequest},
	} {
		for service, call := range l.calls(patient) {
			fault.Service, fault.Operation, fault.Count = service, operations[service], 2
			wantOK(t, faults.Set(fault))
			if err := call(); err != nil {
				t.Errorf("%s with two faults of kind %s: %v", service, fault.Kind, err)
			}
			if hits := faults.Hits(); hits[0] != 2 {
				t.Errorf("%s: %d faults of kind %s, want 2", service, hits[0], fault.Kind)
			}
		}
	}
}

// TestSDKsDoNotGetOverHalfAnAnswer keeps what is true of them: a document that breaks off is not asked for again.
func TestSDKsDoNotGetOverHalfAnAnswer(t *testing.T) {
	l, faults := startFaulty(t)
	l.bucket("bucket")
	for service, call := range l.calls(patient) {
		wantOK(t, faults.Set(localaws.Fault{Service: service, Kind: localaws.CutAnswer, Count: 1}))
		if err := call(); (err == nil) != (service == "s3") { // a put's answer has no document: none of it arrives
			t.Errorf("%s after half an answer: %v", service, err)
		}
		if hits := faults.Hits(); hits[0] != 1 {
			t.Errorf("%s met %d faults, want 1", service, hits[0])
		}
	}
}

func TestWhatServicesSay(t *testing.T) {
	l, faults := startFaulty(t)
	l.bucket("bucket")
	for kind, codes := range map[localaws.Kind]map[string]string{
		localaws.Throttle:    {"ecr": "ThrottlingException", "s3": "SlowDown", "sts": "Throttling"},
		localaws.ServerError: {"ecr": "ServerException", "s3": "InternalError", "sts": "InternalFailure"},
		localaws.Denied:      {"ecr": "AccessDeniedException", "s3": "AccessDenied", "sts": "AccessDenied"},
		localaws.Expired:     {"ecr": "ExpiredTokenException", "s3": "ExpiredToken", "sts": "ExpiredToken"},
	} {
		wantOK(t, faults.Set(localaws.Fault{Kind: kind}))
		for service, call := range l.calls(func() aws.Retryer { return aws.NopRetryer{} }) {
			if got := codeOf(call()); got != codes[service] {
				t.Errorf("a fault of kind %s of %s is %q, want %q", kind, service, got, codes[service])
			}
		}
	}
	wantOK(t, faults.Set(localaws.Fault{Kind: localaws.Expired}))
	for service, call := range l.calls(patient) {
		before := faults.Hits()[0]
		if err := call(); err == nil || faults.Hits()[0] != before+1 {
			t.Errorf("%s with expired credentials: %v after %d requests, want an error after one", service, err,
				faults.Hits()[0]-before)
		}
	}
	wantOK(t, faults.Set())
	for service, call := range l.calls(func() aws.Retryer { return aws.NopRetryer{} }) {
		if err := call(); err != nil {
			t.Errorf("%s without faults: %v", service, err)
		}
	}
}

func TestWhatTheRegistrySays(t *testing.T) {
	l, faults := startFaulty(t)
	l.repository("app")
	auth := l.login()
	l.push("app:v1", image(t), auth)
	once := remote.WithRetryBackoff(remote.Backoff{Steps: 1})
	for _, c := range []struct {
		kind   localaws.Kind
		status int
		code   transport.ErrorCode
	}{
		{localaws.Throttle, 429, "TOOMANYREQUESTS"},
		{localaws.ServerError, 500, "UNKNOWN"},
		{localaws.Expired, 403, "DENIED"},
	} {
		wantOK(t, faults.Set(localaws.Fault{Operation: "GET manifests", Kind: c.kind}))
		_, err := remote.Get(l.ref("app:v1"), auth, once)
		var is *transport.Error
		if !errors.As(err, &is) || is.StatusCode != c.status || is.Errors[0].Code != c.code {
			t.Errorf("a fault of kind %s: %v, want %d %s", c.kind, err, c.status, c.code)
		}
	}
}

// quick are ggcr's own retries, without their waiting.
var quick = remote.WithRetryBackoff(remote.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 5})

func TestPushesGetOverFaults(t *testing.T) {
	l, faults := startFaulty(t)
	l.repository("app")
	for _, fault := range []localaws.Fault{
		{Operation: "PATCH uploads", Kind: localaws.CutRequest, Count: 1},
		{Operation: "PATCH uploads", Kind: localaws.CutAnswer, Count: 1},
		{Operation: "PUT uploads", Kind: localaws.Cut, Count: 1},
		{Operation: "PUT manifests", Kind: localaws.Cut, Count: 2},
		{Operation: "PUT manifests", Kind: localaws.CutAnswer, Count: 2},
		{Operation: "PUT manifests", Kind: localaws.Throttle, Count: 2},
		{Service: "registry", Kind: localaws.Throttle, Every: 2, Count: 3},
		{Service: "registry", Kind: localaws.Slow, Delay: time.Millisecond},
	} {
		img := image(t)
		wantOK(t, faults.Set(fault))
		if err := remote.Write(l.ref("app:v1"), img, l.login(), quick); err != nil {
			t.Errorf("a push with %+v: %v", fault, err)
		}
		if hits := faults.Hits()[0]; hits == 0 || fault.Count > 0 && hits != fault.Count {
			t.Errorf("a push met %d faults %+v", hits, fault)
		}
		wantOK(t, faults.Set())
		got, err := remote.Image(l.ref("app:v1"), l.login())
		wantOK(t, err)
		if digestOf(t, got) != digestOf(t, img) {
			t.Errorf("after a push with %+v the tag is on another image", fault)
		}
	}
}

func TestWhatACutLeaves(t *testing.T) {
	l, faults := startFaulty(t)
	l.bucket("bucket")
	body := bytes.Repeat([]byte("x"), 1<<20)
	put := func(key string) error {
		_, err := l.s3(aws.NopRetryer{}).PutObject(t.Context(),
			&s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: bytes.NewReader(body)})
		return err
	}
	for _, kind := range []localaws.Kind{localaws.Cut, localaws.CutRequest, localaws.CutAnswer} {
		wantOK(t, faults.Set(localaws.Fault{Operation: "PutObject", Kind: kind}))
		if err := put(string(kind)); err == nil {
			t.Errorf("a put with a fault of kind %s came through", kind)
		}
	}
	list, err := l.s3(aws.NopRetryer{}).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("bucket")})
	wantOK(t, err)
	if len(list.Contents) != 1 || *list.Contents[0].Key != string(localaws.CutAnswer) {
		t.Errorf("the bucket holds %d objects, want the one whose answer was lost", len(list.Contents))
	}
	for bytes, want := range map[int64]int{0: len(body) / 2, 1000: 1000, 2 << 20: len(body) - 1} {
		wantOK(t, faults.Set(localaws.Fault{Operation: "GetObject", Kind: localaws.CutAnswer, Bytes: bytes}))
		out, err := l.s3(aws.NopRetryer{}).GetObject(t.Context(),
			&s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String(string(localaws.CutAnswer))})
		wantOK(t, err)
		if got, err := io.ReadAll(out.Body); len(got) != want || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("an answer cut after %d has %d bytes, %v, want %d", bytes, len(got), err, want)
		}
	}
}

func TestWhichRequestsGoWrong(t *testing.T) {
	l, faults := startFaulty(t)
	run := func(n int) string {
		var out strings.Builder
		for range n {
			_, err := l.ecr().DescribeRegistry(t.Context(), &ecr.DescribeRegistryInput{})
			out.WriteString(map[bool]string{true: ".", false: "x"}[err == nil])
		}
		return out.String()
	}
	throttle := func(change func(*localaws.Fault)) localaws.Fault {
		fault := localaws.Fault{Operation: "DescribeRegistry", Kind: localaws.Throttle}
		change(&fault)
		return fault
	}
	for _, c := range []struct {
		want  string
		rules []localaws.Fault
	}{
		{"xxxxxxxx", []localaws.Fault{throttle(func(*localaws.Fault) {})}},
		{"..xx....", []localaws.Fault{throttle(func(f *localaws.Fault) { f.After, f.Count = 2, 2 })}},
		{"..x..x..", []localaws.Fault{throttle(func(f *localaws.Fault) { f.Every = 3 })}},
		{
			"..x..x.x",
			[]localaws.Fault{
				throttle(func(f *localaws.Fault) { f.After, f.Every, f.Count = 1, 2, 1 }),
				throttle(func(f *localaws.Fault) { f.After, f.Every = 3, 2 }),
			},
		},
		{
			"........",
			[]localaws.Fault{
				throttle(func(f *localaws.Fault) { f.Operation = "ListImages" }),
				throttle(func(f *localaws.Fault) { f.Operation, f.Service = "", "s3" }),
			},
		},
	} {
		wantOK(t, faults.Set(c.rules...))
		if got := run(8); got != c.want {
			t.Errorf("%+v = %s, want %s", c.rules, got, c.want)
		}
	}
	chance := throttle(func(f *localaws.Fault) { f.Probability, f.Seed = 0.5, 7 })
	wantOK(t, faults.Set(chance))
	first := run(40)
	wantOK(t, faults.Set(chance))
	if again := run(40); again != first || !strings.Contains(first, "x") || !strings.Contains(first, ".") {
		t.Errorf("by chance %s, and with the same seed %s", first, again)
	}
}

func TestASlowAnswer(t *testing.T) {
	l, faults := startFaulty(t)
	wantOK(t, faults.Set(localaws.Fault{Kind: localaws.Slow, Delay: time.Hour}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.ecr().DescribeRegistry(ctx, &ecr.DescribeRegistryInput{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an answer that takes an hour: %v", err)
	}
	wantOK(t, faults.Set(localaws.Fault{Kind: localaws.Slow, Delay: time.Millisecond}))
	_, err := l.ecr().DescribeRegistry(t.Context(), &ecr.DescribeRegistryInput{})
	wantOK(t, err)
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	var faults localaws.Faults
	for want, fault := range map[string]localaws.Fault{
		"want one of throttle error":    {Kind: "thottle"},
		"ecr, registry, s3, sts":        {Service: "iam", Kind: localaws.Cut},
		`"PutImages" is none of ecr`:    {Service: "ecr", Operation: "PutImages", Kind: localaws.Cut},
		"none of the local AWS":         {Operation: "PutRegistryPolicy", Kind: localaws.Cut},
		"is none of sts":                {Service: "sts", Operation: "PutImage", Kind: localaws.Cut},
		"without a delay":               {Kind: localaws.Slow},
		"want no more than 1":           {Kind: localaws.Cut, Probability: 2},
		"count is less than 0":          {Kind: localaws.Cut, Count: -1},
		"want 500 to 599":               {Kind: localaws.ServerError, Status: 404},
		"status is for kind error":      {Kind: localaws.Cut, Status: 500},
		"cut-request and cut-answer al": {Kind: localaws.Cut, Bytes: 5},
	} {
		err := faults.Set(localaws.Fault{Kind: localaws.Cut}, fault)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "fault 2") {
			t.Errorf("Set(%+v) = %v, want …%s…", fault, err, want)
		}
	}
	if hits := faults.Hits(); len(hits) != 0 {
		t.Errorf("%d rules are left of what was refused", len(hits))
	}
}

// TestOperationNames sends a request of each kind and looks which rule it meets.
func TestOperationNames(t *testing.T) {
	l, faults := startFaulty(t)
	for _, c := range []struct{ method, path, operation string }{
		{"GET", "/v2/", "GET v2"},
		{"GET", "/v2/_catalog", "GET _catalog"},
		{"GET", "/v2/a/b/tags/list", "GET tags"},
		{"HEAD", "/v2/app/manifests/v1", "HEAD manifests"},
		{"POST", "/v2/app/blobs/uploads/", "POST uploads"},
		{"PATCH", "/v2/app/blobs/uploads/1", "PATCH uploads"},
		{"GET", "/v2/app/blobs/sha256:0", "GET blobs"},
		{"GET", "/v2/app/referrers/sha256:0", "GET referrers"},
		{"GET", "/-/layers/app/sha256:0", "GET layers"},
		{"GET", "/", "ListBuckets"},
		{"PUT", "/bucket", "CreateBucket"},
		{"GET", "/bucket?list-type=2", "ListObjectsV2"},
		{"GET", "/bucket?versions", "ListObjectVersions"},
		{"HEAD", "/bucket/a/b", "HeadObject"},
		{"GET", "/bucket/a//b", "GetObject"},
		{"POST", "/bucket?delete", "DeleteObjects"},
		{"PUT", "/bucket/a?partNumber=1&uploadId=x", "UploadPart"},
		{"GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "GetCallerIdentity"},
	} {
		wantOK(t, faults.Set(localaws.Fault{Operation: c.operation, Kind: localaws.ServerError, Status: 599}))
		if got := l.do(c.method, c.path, ""); got.StatusCode != 599 {
			t.Errorf("%s %s = %d, want the fault of %s", c.method, c.path, got.StatusCode, c.operation)
		}
	}
	wantOK(t, faults.Set(localaws.Fault{Operation: "CopyObject", Kind: localaws.ServerError, Status: 599}))
	if got := l.do("PUT", "/bucket/a", "", "X-Amz-Copy-Source", "/bucket/b"); got.StatusCode != 599 {
		t.Errorf("a copy = %d, want the fault of CopyObject", got.StatusCode)
	}
	if got := l.do("PUT", "/bucket/a", ""); got.StatusCode != http.StatusForbidden {
		t.Errorf("an unsigned put = %d, want 403", got.StatusCode)
	}
}

func TestFaultsChangeWhileServing(t *testing.T) {
	l, faults := startFaulty(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			if err := faults.Set(localaws.Fault{Kind: localaws.Throttle, Every: 1 + i%3}); err != nil {
				t.Error(err)
			}
			faults.Hits()
		}
	}()
	var codes []string
	for range 50 {
		_, err := l.ecr().DescribeRegistry(t.Context(), &ecr.DescribeRegistryInput{})
		codes = append(codes, codeOf(err))
	}
	<-done
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if slices.ContainsFunc(codes, func(code string) bool { return code != "" && code != "ThrottlingException" }) {
		t.Errorf("answers were %q", codes)
	}
}
