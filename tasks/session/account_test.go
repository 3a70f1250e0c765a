package session

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
)

func TestAQuotaIsNotTriedAgain(t *testing.T) {
	for code, want := range map[string]aws.Ternary{
		"LimitExceededException": aws.FalseTernary, "ThrottlingException": aws.UnknownTernary,
	} {
		if got := final(&smithy.OperationError{Err: &smithy.GenericAPIError{Code: code}}); got != want {
			t.Errorf("%s is tried again: %v, want %v", code, got, want)
		}
	}
}

// world is an account of this process without AWS files, and with the environment that a test gives it.
func world(t *testing.T, env map[string]string) Account {
	t.Helper()
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"HTTPS_PROXY", "https_proxy",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for name, value := range env {
		t.Setenv(name, value)
	}
	return Account{Region: "us-west-2"}
}

// keys are credentials that look right.
var keys = map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}

// What can never work ends at once, and says what to type.
func TestWhatCannotWorkEndsAtOnce(t *testing.T) {
	refusing := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	const sso = "[sso-session corp]\nsso_start_url = https://corp.example.org/start\nsso_region = us-east-1\n" +
		"[profile team]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n"
	const olderSSO = "[profile team]\nsso_start_url = https://corp.example.org/start\nsso_region = us-east-1\n" +
		"sso_account_id = 123456789012\nsso_role_name = Dev\n"
	const mfa = "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n[profile team]\n" +
		"role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n" +
		"mfa_serial = arn:aws:iam::123456789012:mfa/alice\n"
	for _, test := range []struct {
		name   string
		env    map[string]string
		config string
		hint   string
	}{
		// The first, because net/http reads the proxy's variable once.
		{"a proxy that is down", with(keys, "HTTPS_PROXY", "http://127.0.0.1:1"), "", "the proxy that HTTPS_PROXY names"},
		{
			"a line break in the key",
			map[string]string{"AWS_ACCESS_KEY_ID": "key\n", "AWS_SECRET_ACCESS_KEY": "s"},
			"",
			"without a space or a line break",
		},
		{"a space in the token", map[string]string{
			"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "a b",
		}, "", "without a space or a line break"},
		{"an unknown authority", with(keys, "AWS_ENDPOINT_URL", refusing.URL), "", "AWS_CA_BUNDLE and SSL_CERT_FILE"},
		{"not signed in", nil, sso, "aws sso login --profile team"},
		{"not signed in, older", nil, olderSSO, "aws sso login --profile team"},
		{"an MFA code", nil, mfa, "aws configure export-credentials --profile team"},
		{"no such profile", nil, "[profile other]\nregion = us-west-2\n", "on a machine with a role of its own"},
	} {
		t.Run(test.name, func(t *testing.T) {
			account := world(t, test.env)
			if test.config != "" {
				account = configured(t, test.env, test.config)
			}
			began := time.Now()
			_, err := account.Identify(t.Context())
			if err == nil {
				t.Fatal("it works")
			}
			if _, next := hint.Parts(err); !strings.Contains(next, test.hint) {
				t.Errorf("%v, want a hint with %q", err, test.hint)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s: it was tried again", took)
			}
		})
	}
}

func with(env map[string]string, name, value string) map[string]string {
	more := maps.Clone(env)
	more[name] = value
	return more
}

// A HOME that nobody can write is no HOME: HOME=/ is usual in containers that run as any user.
func TestCacheDirWithoutAHome(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	p := &Project{Root: t.TempDir()}
	for _, home := range []string{"", file, filepath.Join(file, "below")} {
		t.Setenv("HOME", home)
		if got, want := p.CacheDir(), p.Path(".local", "cache"); got != want {
			t.Errorf("with HOME=%s the cache is %s, want %s", home, got, want)
		}
	}
}

// CacheDir only looks: doctor asks for it and changes nothing.
func TestCacheDirMakesNothing(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", home)
	p := &Project{Root: t.TempDir()}
	if got := p.CacheDir(); !strings.HasPrefix(got, home) {
		t.Errorf("the cache is %s, want it below %s", got, home)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
		t.Errorf("%v is left in HOME, %v", left, err)
	}
}

// -profile= means the credentials of the environment, also where AWS_PROFILE names a profile.
func TestNoProfileIsNone(t *testing.T) {
	account := world(t, with(keys, "AWS_PROFILE", "nobody"))
	cfg, err := account.Config(t.Context(), account.Region)
	if err != nil {
		t.Fatal(err)
	}
	if held, err := cfg.Credentials.Retrieve(t.Context()); err != nil || held.AccessKeyID != "key" {
		t.Errorf("the credentials are %q, %v, want those of the environment", held.AccessKeyID, err)
	}
}
