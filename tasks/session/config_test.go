package session

import (
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// configured is the account of profile team in an AWS configuration of this text.
func configured(t *testing.T, env map[string]string, text string) Account {
	t.Helper()
	account := world(t, env)
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	account.Profile = "team"
	return account
}

// A profile is read, and its source asked, once for all regions and for Terraform. Another environment is another
// profile.
func TestAProfileIsAskedOnce(t *testing.T) {
	calls := filepath.Join(t.TempDir(), "calls")
	account := configured(t, nil, "[profile team]\ncredential_process = sh -c \"echo x >>"+calls+
		`; echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"SessionToken\":\"c\"}'"`+"\n")
	for _, region := range []string{"us-west-2", "eu-west-1"} {
		cfg, err := account.Config(t.Context(), region)
		if err != nil || cfg.Region != region {
			t.Fatalf("the region is %s, %v", cfg.Region, err)
		}
		if held, err := cfg.Credentials.Retrieve(t.Context()); err != nil || held.AccessKeyID != "a" {
			t.Fatalf("the key is %q, %v", held.AccessKeyID, err)
		}
	}
	want := map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
	if got, err := account.Keys(t.Context()); err != nil || !maps.Equal(got, want) {
		t.Errorf("Terraform gets %v, %v, want %v", got, err, want)
	}
	if text, err := os.ReadFile(calls); err != nil || string(text) != "x\n" {
		t.Errorf("the program ran %d times, %v", strings.Count(string(text), "x"), err)
	}

	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	if _, err := account.Config(t.Context(), "us-west-2"); err == nil {
		t.Error("the profile is found where it is not")
	}
}

// What a profile sets beside credentials goes to Terraform as variables. The environment wins.
func TestHandOver(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	authority := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(authority.Close)
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	const static = "[profile team]\naws_access_key_id = a\naws_secret_access_key = b\n"
	const services = "services = here\n[services here]\necr =\n  endpoint_url = http://ecr\ns3 =\n  endpoint_url = http://s3\n"
	for _, test := range []struct {
		name, config string
		env, want    map[string]string
	}{
		{"keys alone", static, nil, nil},
		{"an endpoint", static + "endpoint_url = http://all\n", nil, map[string]string{"AWS_ENDPOINT_URL": "http://all"}},
		{
			"endpoints of services", static + services, nil,
			map[string]string{"AWS_ENDPOINT_URL_ECR": "http://ecr", "AWS_ENDPOINT_URL_S3": "http://s3"},
		},
		{
			"an endpoint of the environment", static + "endpoint_url = http://all\n" + services,
			map[string]string{"AWS_ENDPOINT_URL": "http://mine"},
			map[string]string{"AWS_ENDPOINT_URL": "http://mine"},
		},
		{
			"an endpoint of the environment for one service", static + services,
			map[string]string{"AWS_ENDPOINT_URL_S3": "http://mine"},
			map[string]string{"AWS_ENDPOINT_URL_ECR": "http://ecr", "AWS_ENDPOINT_URL_S3": "http://mine"},
		},
		{
			"endpoints to ignore, in the environment", static + "endpoint_url = http://all\n" + services,
			map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL_S3": "http://mine"},
			map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
		},
		{
			"endpoints to ignore, in the profile", static + "ignore_configured_endpoint_urls = true\nendpoint_url = http://all\n",
			nil,
			nil,
		},
		{"a CA bundle", static + "ca_bundle = " + bundle + "\n", nil, map[string]string{"AWS_CA_BUNDLE": bundle}},
		{
			"FIPS, dual-stack and retries",
			static + "use_fips_endpoint = true\nuse_dualstack_endpoint = true\nmax_attempts = 9\nretry_mode = adaptive\n",
			map[string]string{"AWS_USE_FIPS_ENDPOINT": "false"},
			map[string]string{
				"AWS_USE_FIPS_ENDPOINT": "false", "AWS_USE_DUALSTACK_ENDPOINT": "true",
				"AWS_MAX_ATTEMPTS": "9", "AWS_RETRY_MODE": "adaptive",
			},
		},
		{
			"checksums", static + "request_checksum_calculation = when_required\nresponse_checksum_validation = when_required\n",
			nil,
			map[string]string{
				"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required", "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			account := configured(t, test.env, test.config)
			got := maps.Clone(test.env)
			if got == nil {
				got = map[string]string{}
			}
			if err := account.HandOver(t.Context(), got); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("Terraform gets %v, want %v", got, test.want)
			}
		})
	}
}

// The session of a role lasts an hour, unless the profile says how long.
func TestARoleIsAssumedForAnHour(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		0: time.Hour, stscreds.DefaultDuration: time.Hour, 30 * time.Minute: 30 * time.Minute, 4 * time.Hour: 4 * time.Hour,
	} {
		o := stscreds.AssumeRoleOptions{Duration: asked}
		(&keyring{}).assume(&o)
		if o.Duration != want {
			t.Errorf("a session of %s is asked for %s, want %s", asked, o.Duration, want)
		}
	}
}

// On a machine without AWS files the machine's role works; without a role, the profile that is missing is named.
func TestTheRoleOfAMachine(t *testing.T) {
	role := "runner"
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
		switch path := strings.TrimSuffix(r.URL.Path, "/"); {
		case strings.HasSuffix(path, "/token"):
			fmt.Fprint(w, "token")
		case role == "":
			http.NotFound(w, r)
		case strings.HasSuffix(path, "/security-credentials"):
			fmt.Fprint(w, role)
		default:
			fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"machine","SecretAccessKey":"s","Token":"t","Expiration":%q}`,
				time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		}
	}))
	t.Cleanup(metadata.Close)
	env := map[string]string{
		"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL,
	}
	account := world(t, env)
	account.Absent = "team"
	if !bareMachine() {
		t.Error("this machine has AWS files")
	}
	cfg, err := account.Config(t.Context(), account.Region)
	if err != nil {
		t.Fatal(err)
	}
	if held, err := cfg.Credentials.Retrieve(t.Context()); err != nil || held.AccessKeyID != "machine" {
		t.Errorf("the key is %q, %v, want the machine's", held.AccessKeyID, err)
	}

	role = ""
	account = world(t, env) // another HOME, so the keys are asked for again
	account.Absent = "team"
	if _, err := account.Config(t.Context(), account.Region); err == nil ||
		!strings.HasPrefix(err.Error(), `profile "team" is not in `) {
		t.Errorf("without a role: %v", err)
	}

	t.Setenv("AWS_EC2_METADATA_DISABLED", "TRUE")
	if bareMachine() {
		t.Error("a machine that must not be asked is asked")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	if bareMachine() {
		t.Error("a machine with an AWS file is asked")
	}
}

// A bucket's name goes into the path of an endpoint that is not one of AWS's own. A variable that is set and empty does
// not hide the profile's endpoint.
func TestTheEndpointOfABucket(t *testing.T) {
	const static = "[profile team]\naws_access_key_id = a\naws_secret_access_key = b\n"
	const vpc = "https://bucket.vpce-1.s3.us-west-2.vpce.amazonaws.com"
	for _, test := range []struct {
		config, endpoint string
		inPath           bool
	}{
		{static, "", false},
		{static + "endpoint_url = http://store:9000\n", "http://store:9000", true},
		{static + "services = here\n[services here]\ns3 =\n  endpoint_url = http://store:9000\n", "http://store:9000", true},
		{static + "endpoint_url = " + vpc + "\n", vpc, false},
	} {
		s := &Session{AWS: configured(t, map[string]string{"AWS_ENDPOINT_URL": ""}, test.config)}
		client, err := s.S3(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o := client.Options()
		if aws.ToString(o.BaseEndpoint) != test.endpoint || o.UsePathStyle != test.inPath {
			t.Errorf("%q: the endpoint is %s, the bucket in the path: %v, want %s and %v",
				test.config, aws.ToString(o.BaseEndpoint), o.UsePathStyle, test.endpoint, test.inPath)
		}
	}
}
