package e2e_test

import (
	"cmp"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// refusal is what a user has set up that cannot work, and the sentence that helps.
type refusal struct {
	kind
	asked int    // how often a target asks the server, at most
	says  string // in the hint of a target, and in the fix of doctor
	row   string // of doctor; empty for credentials
}

const (
	signIn = "aws sso login --profile avive-cfndev-k8s"
	static = profile + "aws_access_key_id = a\naws_secret_access_key = b\n"
)

var refusals = []refusal{
	{kind: kind{name: "not signed in", config: ssoSession}, says: signIn},
	{kind: kind{name: "not signed in, older form", config: olderSSO}, says: signIn},
	{kind: kind{
		name: "a sign-in that was ended at the portal", config: ssoSession,
		files: map[string]string{ssoCache("corp"): ssoToken(time.Now().Add(time.Hour))},
		env:   map[string]string{"ANSWER": "UnauthorizedException"},
	}, asked: 1, says: signIn},
	{kind: kind{
		name: "a sign-in that cannot be refreshed any more", config: ssoSession,
		files: map[string]string{ssoCache("corp"): ssoToken(time.Now().Add(-time.Hour))},
		env:   map[string]string{"ANSWER": "InvalidGrantException"},
	}, asked: 1, says: signIn},
	{kind: kind{name: "a code without a terminal", config: base + role +
		"careful\nsource_profile = base\nmfa_serial = " + mfaDevice + "\n"}, says: "aws configure export-credentials"},
	{kind: kind{name: "a line break in a key", env: map[string]string{
		"AWS_ACCESS_KEY_ID": "key\n", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "URL",
	}}, says: "without a space or a line break"},
	{kind: kind{name: "a line break in the container's token", env: map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/pod/keys", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token\n",
		"AWS_ENDPOINT_URL": "URL",
	}}, says: "AWS_CONTAINER_AUTHORIZATION_TOKEN"},
	{kind: kind{
		name: "a proxy that is down", config: strings.ReplaceAll(static, "URL", "https://aws.invalid"),
		env: map[string]string{"HTTPS_PROXY": "http://127.0.0.1:1"},
	}, says: "HTTPS_PROXY"},
	{kind: kind{
		name: "a proxy that is down, in small letters", config: strings.ReplaceAll(static, "URL", "https://aws.invalid"),
		env: map[string]string{"https_proxy": "http://127.0.0.1:1"},
	}, says: "https_proxy"},
	{kind: kind{
		name: "a proxy for plain HTTP that is down", config: strings.ReplaceAll(static, "URL", "http://aws.invalid"),
		env: map[string]string{"HTTP_PROXY": "http://127.0.0.1:1"},
	}, says: "HTTP_PROXY"},
	{kind: kind{
		name: "a proxy whose name is wrong", config: strings.ReplaceAll(static, "URL", "https://aws.invalid"),
		env: map[string]string{"HTTPS_PROXY": "http://proxy.invalid:3128"},
	}, says: "HTTPS_PROXY"},
	{kind: kind{
		name: "a proxy that wants a password", config: strings.ReplaceAll(static, "URL", "https://aws.invalid"),
		env: map[string]string{"HTTPS_PROXY": "URL"},
	}, asked: 1, says: "HTTPS_PROXY"},
	{kind: kind{
		name: "a certificate that nobody trusts", config: strings.ReplaceAll(static, "URL", "TLS"),
	}, says: "AWS_CA_BUNDLE"},
	{kind: kind{name: "a profile that is in no file", config: "[profile other]\nregion = us-west-2\n"}, says: "aws configure --profile"},
	{kind: kind{name: "no AWS files, and no role", env: map[string]string{}}, says: "aws configure --profile"},
	{kind: kind{name: "a credential_process that fails", config: profile +
		"credential_process = sh -c \"echo sign in with corp-login >&2; exit 3\"\n"}, says: "credential_process"},
	{kind: kind{name: "a credential_process that is missing", config: profile + "credential_process = corp-keys\n"},
		says: "credential_process"},
	{kind: kind{name: "a credential_process that prints something else", config: profile + "credential_process = echo hello\n"},
		says: "credential_process"},
	{kind: kind{name: "a CA bundle that is missing", config: static + "ca_bundle = /nowhere/ca.pem\n"}, says: "ca_bundle"},
	{kind: kind{name: "a web identity token that is missing", env: map[string]string{
		"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/none", "AWS_ROLE_ARN": "arn:aws:iam::000000000000:role/deployer",
		"AWS_ENDPOINT_URL": "URL",
	}}, says: "AWS_WEB_IDENTITY_TOKEN_FILE"},
	{kind: kind{name: "a session that has expired", config: static, env: map[string]string{"ANSWER": "ExpiredToken"}},
		asked: 1, says: "have expired: renew them"},
	{kind: kind{name: "keys that were deleted", config: static, env: map[string]string{"ANSWER": "InvalidClientTokenId"}},
		asked: 1, says: "AWS does not know the credentials"},
	{kind: kind{name: "a clock that is wrong", config: static, env: map[string]string{
		"ANSWER": "SignatureDoesNotMatch", "MESSAGE": "Signature expired: 20200101T000000Z is now earlier than 20261128T000000Z",
	}}, asked: 1, says: "the clock of this machine"},
	{kind: kind{name: "a clock that is wrong, in S3's words", config: static, env: map[string]string{
		"ANSWER": "RequestTimeTooSkewed",
	}}, asked: 1, says: "the clock of this machine"},
	{kind: kind{name: "a container's endpoint that is down", env: map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/keys", "AWS_ENDPOINT_URL": "URL",
	}}, says: "AWS_CONTAINER_CREDENTIALS_FULL_URI"},
	{kind: kind{name: "a container's endpoint that is silent", env: map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "SILENT/keys", "AWS_ENDPOINT_URL": "URL",
	}}, says: "AWS_CONTAINER_CREDENTIALS_FULL_URI"},
	{kind: kind{name: "a machine that does not answer", env: map[string]string{
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": "SILENT", "AWS_ENDPOINT_URL": "URL",
	}}, says: "aws configure --profile"},
	{kind: kind{name: "no folder for temporary files", config: static, env: map[string]string{"TMPDIR": "/nowhere"}},
		says: "TMPDIR", row: "disk"},
}

// TestWhatCannotWork plays what can never work through a target and through doctor. Both say the same remedy, at once:
// no server is asked again.
func TestWhatCannotWork(t *testing.T) {
	copied := newWorld(t)
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			server := newRefusing(t, r.env["ANSWER"], r.env["MESSAGE"])
			w := *copied
			w.t = t
			for name, value := range r.env {
				r.env[name] = server.fill(value)
			}
			r.config = server.fill(r.config)
			w.arrange(r.kind, server.URL)
			server.asked.Store(0)
			began := time.Now()
			said := w.fails("plan")
			t.Log(time.Since(began))
			if !strings.Contains(said, r.says) || !strings.Contains(said, "\nhint: ") {
				t.Errorf("plan says\n%swant a hint with %q", said, r.says)
			}
			if asked := int(server.asked.Load()); asked > r.asked {
				t.Errorf("plan asked the server %d times, want %d", asked, r.asked)
			}
			began = time.Now()
			said = w.fails("doctor")
			t.Log(time.Since(began))
			if found := doctorRow(said, r.row); !strings.Contains(found, r.says) {
				t.Errorf("doctor says\n%swant %q", found, r.says)
			}
		})
	}
}

// fails runs a target, which has to fail within two minutes, and returns what it says.
func (w *world) fails(target string) string {
	w.t.Helper()
	cmd := w.command(mage, target)
	end := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	said, err := cmd.CombinedOutput()
	if !end.Stop() {
		w.t.Fatalf("%s still waits after two minutes:\n%s", target, said)
	}
	if err == nil {
		w.t.Fatalf("%s works:\n%s", target, said)
	}
	return string(said)
}

// doctorRow is what doctor says about something, in the lines of its table.
func doctorRow(said, row string) string {
	var found strings.Builder
	in := false
	for line := range strings.Lines(said) {
		if fields := strings.Fields(line); !strings.HasPrefix(line, " ") && len(fields) > 1 {
			in = fields[1] == cmp.Or(row, "credentials")
		}
		if in {
			found.WriteString(line)
		}
	}
	return found.String()
}

// refusing are three servers: one refuses every request with an error, one has a certificate that nobody trusts, and one
// never answers.
type refusing struct {
	*httptest.Server
	code, message string
	asked         atomic.Int32
	tls, silent   string
}

func newRefusing(t *testing.T, code, message string) *refusing {
	t.Helper()
	s := &refusing{code: code, message: cmp.Or(message, "no")}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	distrusted := httptest.NewUnstartedServer(nil)
	distrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	distrusted.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.asked.Add(1)
		}
	}
	distrusted.StartTLS()
	t.Cleanup(distrusted.Close)
	silent, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	s.tls, s.silent = distrusted.URL, "http://"+silent.Addr().String()
	return s
}

func (s *refusing) fill(text string) string {
	return strings.NewReplacer("TLS", s.tls, "SILENT", s.silent).Replace(text)
}

// ServeHTTP refuses in the forms of all services. A client that takes it for its proxy has to sign in.
func (s *refusing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	if r.Method == http.MethodConnect {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.URL.Path == "/" && r.Header.Get("X-Amz-Target") == "" {
		refuseSTS(w, s.code, s.message)
		return
	}
	w.Header().Set("X-Amzn-ErrorType", s.code)
	refuseIssue(w, http.StatusBadRequest, s.message)
}
