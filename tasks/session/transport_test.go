package session

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/hint"
)

// The registry is trusted by what the user names for the API, in the variable or in the profile.
func TestTransportTrustsWhatTheUserNames(t *testing.T) {
	registry := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(registry.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: registry.Certificate().Raw})
	for _, test := range []struct {
		name, variable, profile string
		works                   bool
	}{
		{"nothing", "", "", false},
		{"AWS_CA_BUNDLE", "ca.pem", "", true},
		{"ca_bundle", "", "ca.pem", true},
		{"the variable beats the profile", "ca.pem", "missing.pem", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			account, dir := bundled(t, test.variable, test.profile)
			if err := os.WriteFile(filepath.Join(dir, "ca.pem"), certificate, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := account.Config(t.Context(), account.Region); err != nil {
				t.Fatal(err)
			}
			answer, err := (&http.Client{Transport: account.Transport(t.Context())}).Get(registry.URL)
			if (err == nil) != test.works {
				t.Errorf("it answers %v, %v", answer, err)
			}
			if err == nil {
				_ = answer.Body.Close()
			}
		})
	}
}

// A bundle that cannot be read is named with its variable, and is not taken for the network.
func TestABadBundleIsNamed(t *testing.T) {
	for _, test := range []struct{ name, variable, profile, want string }{
		{"missing", "missing.pem", "", "AWS_CA_BUNDLE"},
		{"empty", "empty.pem", "", "AWS_CA_BUNDLE"},
		{"missing in the profile", "", "missing.pem", `ca_bundle of profile "team"`},
		{"empty in the profile", "", "empty.pem", `ca_bundle of profile "team"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			account, dir := bundled(t, test.variable, test.profile)
			if err := os.WriteFile(filepath.Join(dir, "empty.pem"), []byte("no certificate"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := account.Identify(t.Context())
			file := filepath.Join(dir, test.variable+test.profile)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file) {
				t.Fatalf("%v, want %s and %s named", err, test.want, file)
			}
			if _, next := hint.Parts(err); !strings.Contains(next, "PEM") {
				t.Errorf("%v, want a hint", err)
			}
		})
	}
}

// bundled is an account with keys and with a file of certificates named in the environment, or in its profile.
func bundled(t *testing.T, variable, profile string) (account Account, dir string) {
	t.Helper()
	dir = t.TempDir()
	env := map[string]string{"AWS_CA_BUNDLE": ""}
	if variable != "" {
		env["AWS_CA_BUNDLE"] = filepath.Join(dir, variable)
	}
	account = world(t, env)
	text := "[profile team]\naws_access_key_id = key\naws_secret_access_key = secret\n"
	if profile != "" {
		text += "ca_bundle = " + filepath.Join(dir, profile) + "\n"
	}
	config := filepath.Join(dir, "config")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	account.Profile = "team"
	return account, dir
}
