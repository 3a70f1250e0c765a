package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/session"
)

func TestJudgeClock(t *testing.T) {
	for _, test := range []struct {
		ahead time.Duration
		want  string
	}{
		{0, "ok as AWS's, to the second or two"},
		{-59 * time.Second, "ok as AWS's, to the second or two"},
		{time.Minute, "warning 1m0s ahead of AWS's: AWS refuses what is signed 5 minutes off"},
		{-4 * time.Minute, "warning 4m0s behind AWS's: AWS refuses what is signed 5 minutes off"},
		{-5 * time.Minute, "fault 5m0s behind AWS's: AWS refuses what it signs"},
		{8 * time.Hour, "fault 8h0m0s ahead of AWS's: AWS refuses what it signs"},
	} {
		got := judgeClock(test.ahead)
		if text := got.Status + " " + got.Detail; text != test.want || (got.Fix == "") != (got.Status == healthy) {
			t.Errorf("judgeClock(%s) = %q, %q, want %q", test.ahead, text, got.Fix, test.want)
		}
	}
}

// TestClockNeedsNoCredentials asks servers with another clock: AWS refuses a call without credentials, an emulator
// answers it.
func TestClockNeedsNoCredentials(t *testing.T) {
	const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>`
	for status, body := range map[int]string{http.StatusForbidden: "", http.StatusOK: identity} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				t.Errorf("the time is asked for with %q", r.Header.Get("Authorization"))
			}
			w.Header().Set("Date", time.Now().Add(-20*time.Minute).UTC().Format(http.TimeFormat))
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		defer server.Close()
		d := alone(t, server.URL)
		d.s.AWS.Profile = "nobody"
		if got := d.clock(t.Context()); got.Status != faulty || !strings.Contains(got.Detail, "ahead of AWS's") {
			t.Errorf("status %d, a clock that is 20 minutes ahead: %+v", status, got)
		}
	}
}

// TestUnanswered is a machine whose network swallows everything, and one where nobody listens.
func TestUnanswered(t *testing.T) {
	deaf, err := net.Listen("tcp4", "127.0.0.1:0") // nobody accepts, nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for address, want := range map[string]string{
		"http://" + deaf.Addr().String(): "AWS does not answer: nothing within ",
		gone.URL:                         "AWS does not answer: connection refused",
	} {
		t.Setenv("AWS_ACCESS_KEY_ID", "key")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		d := alone(t, address)
		found := d.examine(t.Context(), []checkup{
			{"credentials", (*doctor).credentials},
			{"clock", (*doctor).clock},
			{"state lock", withAccount((*doctor).stateLock)},
		}, 3*time.Second)
		if found[0].Status != faulty || !strings.HasPrefix(found[0].Detail, want) || found[0].Fix == "" {
			t.Errorf("credentials are %+v, want %q and what to do", found[0], want)
		}
		lock := finding{"state lock", warning, "not looked at: no credentials that AWS takes", ""}
		if found[1].Status != warning || found[2] != lock {
			t.Errorf("the clock and the lock are %+v, want them not to be known", found[1:])
		}
	}
}

// TestFailureInAWSsWords has the chain of an SDK's error, hinted at twice.
func TestFailureInAWSsWords(t *testing.T) {
	refused := &smithy.OperationError{
		ServiceID: "ECR", OperationName: "DescribeRepositories",
		Err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized"},
	}
	err := hint.Add(hint.Add(fmt.Errorf("describing repository %q: %w", "team/app", refused), "first"), "last")
	want := finding{
		Status: faulty,
		Detail: `describing repository "team/app": AccessDeniedException: User: x is not authorized`, Fix: "last",
	}
	if got := failure(err); got != want {
		t.Errorf("failure(%q) = %+v, want %+v", err, got, want)
	}
}

// TestOneCheckHidesNoOther has one that never comes to an end.
func TestOneCheckHidesNoOther(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	found := new(doctor).examine(t.Context(), []checkup{
		{"stuck", func(*doctor, context.Context) finding { <-never; return finding{} }},
		{"fine", func(*doctor, context.Context) finding { return good("%s", "fine") }},
	}, 50*time.Millisecond)
	if found[0].Status != faulty || found[1] != (finding{Name: "fine", Status: healthy, Detail: "fine"}) {
		t.Errorf("found %+v", found)
	}
}

// alone is a doctor on a machine that has nothing but an endpoint.
func alone(t *testing.T, endpoint string) *doctor {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_CONFIG_FILE": "/nowhere",
		"AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	p := &session.Project{Root: filepath.Join("..", "..")}
	return &doctor{project: p, s: &session.Session{Project: p, AWS: session.Account{Region: "us-west-2"}}}
}

// Every fault comes with something to do, and the data folder is the one that Terraform takes.
func TestFaultsHaveAFix(t *testing.T) {
	d := alone(t, "http://127.0.0.1:1")
	for _, f := range d.examine(t.Context(), []checkup{
		{"plain", func(*doctor, context.Context) finding { return bad("", "broken") }},
		{"error", func(*doctor, context.Context) finding { return failure(errors.New("broken")) }},
		{"network", func(*doctor, context.Context) finding { return failure(context.DeadlineExceeded) }},
		{"unusual", func(*doctor, context.Context) finding { return unusual("", "strange") }},
	}, time.Second) {
		if (f.Fix != "") != (f.Status == faulty) {
			t.Errorf("%s: %s, to be fixed by %q", f.Name, f.Status, f.Fix)
		}
	}
}

func TestUnpackedInARelativeFolder(t *testing.T) {
	d := alone(t, "http://127.0.0.1:1")
	d.s.Project.Root = t.TempDir()
	t.Setenv("TF_DATA_DIR", "data")
	if at := d.unpacked(); at != "" {
		t.Errorf("found at %s, where nothing is", at)
	}
	want := d.s.Project.Path("terraform", "data", "providers")
	if err := os.MkdirAll(filepath.Join(want, filepath.FromSlash(awsProvider)), 0o700); err != nil {
		t.Fatal(err)
	}
	if at := d.unpacked(); at != want {
		t.Errorf("found at %q, want %q", at, want)
	}
}

// A folder for temporary files that is not there stops every plan, and a file that is not there is not the network.
func TestMissingFolders(t *testing.T) {
	d := alone(t, "http://127.0.0.1:1")
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	if got := d.disk(t.Context()); got.Status != faulty || !strings.Contains(got.Fix, "TMPDIR") {
		t.Errorf("without a folder for temporary files: %+v", got)
	}
	if _, err := os.Open(filepath.Join(t.TempDir(), "none")); unanswered(fmt.Errorf("reading: %w", err)) {
		t.Errorf("%v is called the network", err)
	}
}

// TestOldAWSCommand has an AWS CLI of each kind on the PATH.
func TestOldAWSCommand(t *testing.T) {
	d := &doctor{project: &session.Project{Root: t.TempDir()}}
	for said, want := range map[string]string{
		"aws-cli/2.9.19 Python/3.11.2":   "warning 2.9 at ",
		"aws-cli/2.13.0 Python/3.11.4":   "ok 2.13 at ",
		"aws-cli/1.28.85 Python/3.9":     "warning 1.28 at ",
		"aws-cli/1.29.0 Python/3.9":      "ok 1.29 at ",
		"localstack wrapper, no version": "warning ",
	} {
		bin := t.TempDir()
		script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", said)
		if err := os.WriteFile(filepath.Join(bin, "aws"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin)
		got := d.awsCommand(t.Context())
		if text := got.Status + " " + got.Detail; !strings.HasPrefix(text, want) {
			t.Errorf("%s: %s, want %s", said, text, want)
		}
	}
	t.Setenv("PATH", "")
	if got := d.awsCommand(t.Context()); got.Status != healthy {
		t.Errorf("without an AWS CLI: %+v", got)
	}
}
