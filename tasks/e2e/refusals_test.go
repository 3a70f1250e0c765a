package e2e_test

import (
	"cmp"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	signIn = "aws sso login --profile avive-cfndev-k8s"
	static = profile + "aws_access_key_id = a\naws_secret_access_key = b\n"
)

// ANSWER is the error code of the server at URL, and MESSAGE its words. asked is how often a target asks it, at most.
var refusals = []kind{
	{name: "not signed in", config: ssoSession, says: signIn},
	{name: "not signed in, older form", config: olderSSO, says: signIn},
	{
		name: "a sign-in that was ended at the portal", config: ssoSession,
		files: map[string]string{ssoCache("corp"): ssoToken(time.Now().Add(time.Hour))},
		env:   map[string]string{"ANSWER": "UnauthorizedException"}, asked: 1, says: signIn,
	},
	{
		name: "a sign-in that cannot be refreshed any more", config: ssoSession,
		files: map[string]string{ssoCache("corp"): ssoToken(time.Now().Add(-time.Hour))},
		env:   map[string]string{"ANSWER": "InvalidGrantException"}, asked: 1, says: signIn,
	},
	{
		name: "a code without a terminal", says: "aws configure export-credentials",
		config: base + role + "careful\nsource_profile = base\nmfa_serial = " + mfaDevice + "\n",
	},
	{
		name: "a line break in a key", says: "without a space or a line break",
		env: map[string]string{"AWS_ACCESS_KEY_ID": "key\n", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "URL"},
	},
	{
		name: "a line break in the container's token", says: "AWS_CONTAINER_AUTHORIZATION_TOKEN",
		env: map[string]string{
			"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/pod/keys", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token\n",
			"AWS_ENDPOINT_URL": "URL",
		},
	},
	{
		name: "a proxy that is down", config: atEndpoint("https://aws.invalid"), says: "HTTPS_PROXY",
		env: map[string]string{"HTTPS_PROXY": "http://127.0.0.1:1"},
	},
	{
		name: "a proxy that is down, in small letters", config: atEndpoint("https://aws.invalid"), says: "https_proxy",
		env: map[string]string{"https_proxy": "http://127.0.0.1:1"},
	},
	{
		name: "a proxy for plain HTTP that is down", config: atEndpoint("http://aws.invalid"), says: "HTTP_PROXY",
		env: map[string]string{"HTTP_PROXY": "http://127.0.0.1:1"},
	},
	{
		name: "a proxy whose name is wrong", config: atEndpoint("https://aws.invalid"), says: "HTTPS_PROXY",
		env: map[string]string{"HTTPS_PROXY": "http://proxy.invalid:3128"},
	},
	{
		name: "a proxy that wants a password", config: atEndpoint("https://aws.invalid"), says: "HTTPS_PROXY",
		env: map[string]string{"HTTPS_PROXY": "URL"}, asked: 1,
	},
	{name: "a certificate that nobody trusts", config: atEndpoint("TLS"), says: "AWS_CA_BUNDLE", asked: 1},
	{
		name: "a profile that is in no file", config: "[profile other]\nregion = us-west-2\n",
		says: "aws configure --profile",
	},
	{name: "no AWS files, and no role", says: "aws configure --profile"},
	{
		name: "a credential_process that fails", says: "credential_process",
		config: profile + "credential_process = sh -c \"echo sign in with corp-login >&2; exit 3\"\n",
	},
	{
		name: "a credential_process that is missing", says: "credential_process",
		config: profile + "credential_process = corp-keys\n",
	},
	{
		name: "a credential_process that prints something else", says: "credential_process",
		config: profile + "credential_process = echo hello\n",
	},
	{name: "a CA bundle that is missing", config: static + "ca_bundle = /nowhere/ca.pem\n", says: "ca_bundle"},
	{
		name: "a web identity token that is missing", says: "AWS_WEB_IDENTITY_TOKEN_FILE",
		env: map[string]string{
			"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/none", "AWS_ROLE_ARN": "arn:aws:iam::000000000000:role/deployer",
			"AWS_ENDPOINT_URL": "URL",
		},
	},
	{
		name: "a session that has expired", config: static, says: "have expired: renew them",
		env: map[string]string{"ANSWER": "ExpiredToken"}, asked: 1,
	},
	{
		name: "keys that were deleted", config: static, says: "AWS does not know the credentials",
		env: map[string]string{"ANSWER": "InvalidClientTokenId"}, asked: 1,
	},
	{
		name: "a clock that is wrong", config: static, says: "set the clock of this machine", asked: 1,
		env: map[string]string{
			"ANSWER":  "SignatureDoesNotMatch",
			"MESSAGE": "Signature expired: 20200101T000000Z is now earlier than 20261128T000000Z",
		},
	},
	{
		name: "a clock that is wrong, in S3's words", config: static, says: "set the clock of this machine",
		env: map[string]string{"ANSWER": "RequestTimeTooSkewed"}, asked: 1,
	},
	{
		name: "a container's endpoint that is down", says: "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		env: map[string]string{
			"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/keys", "AWS_ENDPOINT_URL": "URL",
		},
	},
	{
		name: "a container's endpoint that is silent", says: "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		env: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "SILENT/keys", "AWS_ENDPOINT_URL": "URL"},
	},
	{
		name: "a machine that does not answer", says: "aws configure --profile",
		env: map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "SILENT", "AWS_ENDPOINT_URL": "URL"},
	},
}

// atEndpoint is a profile with keys, for an AWS at an address.
func atEndpoint(address string) string { return strings.ReplaceAll(static, "URL", address) }

// TestWhatCannotWork plays what can never work through a target and through doctor. Both say the same remedy, at once:
// no server is asked again.
func TestWhatCannotWork(t *testing.T) {
	copied := newWorld(t)
	for _, k := range refusals {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			server := newRefusing(t, k.env["ANSWER"], k.env["MESSAGE"])
			w := *copied
			w.t = t
			k.config, k.env = server.fill(k.config), maps.Clone(k.env)
			for name, value := range k.env {
				k.env[name] = server.fill(value)
			}
			w.arrange(k, server.URL)
			said := w.fails("plan")
			if _, hint, _ := strings.Cut(said, "\nhint: "); !strings.Contains(hint, k.says) {
				t.Errorf("plan says\n%swant a hint with %q", said, k.says)
			}
			if asked := int(server.asked.Load()); asked > k.asked {
				t.Errorf("plan asked the server %d times, want %d", asked, k.asked)
			}
			if found := credentialsRow(w.fails("doctor")); !strings.Contains(found, k.says) {
				t.Errorf("doctor says\n%swant %q", found, k.says)
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

// credentialsRow is what doctor says about the credentials, in the lines of its table.
func credentialsRow(said string) string {
	var found strings.Builder
	in := false
	for line := range strings.Lines(said) {
		if fields := strings.Fields(line); !strings.HasPrefix(line, " ") && len(fields) > 1 {
			in = fields[1] == "credentials"
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
