package stack

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"envoy-proxy-poc/tasks/session"
)

// inputsOfAWS are the files and variables of the AWS SDK. The checks of credentials ask the SDK twice, here and in
// Terraform's environment: whatever hands the credentials over, both sides have the same.
func inputsOfAWS() map[string]input {
	return map[string]input{
		"`~/.aws/config`, `~/.aws/credentials`": {"replaces", each(func(o outset, name string) {
			o.write(filepath.Join(o.home, ".aws", "config"), "")
			o.write(o.inFolder(name), profileIn(name, "avive-cfndev-k8s", "FILE"))
			o.wantKey("FILE")
		})},
		"`AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE`": {"replaces", each(func(o outset, name string) {
			o.write(filepath.Join(o.home, ".aws", "config"), "")
			o.set(name, filepath.Join(o.home, "mine"))
			o.write(filepath.Join(o.home, "mine"), profileIn(name, "avive-cfndev-k8s", "FILE"))
			o.wantKey("FILE")
		})},
		"`endpoint_url`, `ca_bundle`, `use_fips_endpoint`, `use_dualstack_endpoint`, `retry_mode`, `max_attempts` " +
			"of that profile": {"replaces", each(ofProfile)},
		"`AWS_PROFILE`": {"replaces", each(func(o outset, name string) {
			o.write(filepath.Join(o.home, ".aws", "config"), profileText("profile mine", "MINE"))
			o.set(name, "mine")
			o.wantKey("MINE")
		})},
		"`AWS_DEFAULT_PROFILE`": {"drops", each(func(o outset, name string) {
			o.set(name, "mine")
			o.wantKey("HOME")
			if s := o.begun(); s.env[name] != "" {
				o.t.Errorf("Terraform gets %q", s.env[name])
			}
		})},
		"`AWS_REGION`, `AWS_DEFAULT_REGION`": {"replaces", each(func(o outset, name string) {
			o.set(name, "eu-west-1")
			s := o.begun()
			if s.env[name] != "" || s.stack.options.Vars["region"] != "eu-west-1" {
				o.t.Errorf("Terraform gets %q, and the variable %q", s.env[name], s.stack.options.Vars["region"])
			}
		})},
		"`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`": {"replaces", func(t *testing.T, names []string) {
			o := newOutset(t)
			for _, name := range names {
				o.set(name, "ENVIRONMENT")
			}
			o.wantKey("ENVIRONMENT")
			o.set("AWS_PROFILE", "avive-cfndev-k8s")
			o.wantKey("HOME")
		}},
		"`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME`": {
			"replaces",
			func(t *testing.T, names []string) {
				o := newOutset(t)
				o.write(filepath.Join(o.home, "token"), "token")
				for i, value := range []string{filepath.Join(o.home, "token"), "arn:aws:iam::123456789012:role/x", "mine"} {
					o.set(names[i], value)
				}
				o.set("AWS_ENDPOINT_URL_STS", o.issuer())
				o.wantKey("ISSUED-mine")
			},
		},
		"`AWS_CONTAINER_CREDENTIALS_FULL_URI`, `AWS_CONTAINER_AUTHORIZATION_TOKEN`, " +
			"`AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`": {"replaces", func(t *testing.T, names []string) {
			o := newOutset(t)
			o.set(names[0], o.issuer()+"/container")
			o.set(names[1], "first")
			o.wantKey("ISSUED-first")
			o.write(filepath.Join(o.home, "token"), "second")
			o.set(names[2], filepath.Join(o.home, "token"))
			o.wantKey("ISSUED-second")
		}},
		"`AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_DISABLED`": {"replaces", func(t *testing.T, names []string) {
			o := newOutset(t)
			o.write(filepath.Join(o.home, ".aws", "config"), "")
			o.edit("locals.tf", `profile    = "avive-cfndev-k8s"`, `profile    = ""`)
			o.set(names[0], o.issuer())
			o.set(names[1], "false")
			o.wantKey("ISSUED-machine")
			o.set(names[1], "true")
			cfg, err := o.reads(session.Where{}).AWS.Config(t.Context(), "us-west-2")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := cfg.Credentials.Retrieve(t.Context()); err == nil {
				t.Errorf("with %s=true there is the key %s", names[1], got.AccessKeyID)
			}
		}},
		"`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_*`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`": handedOn("true"),
		"`AWS_S3_ENDPOINT`": dropped(),
		"`AWS_CA_BUNDLE`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`": {
			"hands on",
			each(func(o outset, name string) {
				want := "true"
				if name == "AWS_CA_BUNDLE" {
					want = o.bundle()
				}
				o.set(name, want)
				if s := o.begun(); s.env[name] != want {
					o.t.Errorf("Terraform gets %q, want %q", s.env[name], want)
				}
			}),
		},
		"`AWS_RETRY_MODE`, `AWS_MAX_ATTEMPTS`": {"hands on", each(func(o outset, name string) {
			want := map[string]string{"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "5"}[name]
			o.set(name, want)
			if s := o.begun(); s.env[name] != want {
				o.t.Errorf("Terraform gets %q, want %q", s.env[name], want)
			}
		})},
	}
}

// profileIn is a profile as a file of the name has it.
func profileIn(name, profile, key string) string {
	if strings.Contains(strings.ToLower(name), "config") {
		profile = "profile " + profile
	}
	return profileText(profile, key)
}

// wantKey wants Go and Terraform to sign with the same key.
func (o outset) wantKey(want string) {
	o.t.Helper()
	s := o.begun()
	here, err := s.opened.AWS.Config(o.t.Context(), "us-west-2")
	if err != nil {
		o.t.Fatal(err)
	}
	for side, cfg := range map[string]aws.Config{"Go": here, "Terraform": o.asTerraform(s)} {
		if got, err := cfg.Credentials.Retrieve(o.t.Context()); err != nil || got.AccessKeyID != want {
			o.t.Errorf("%s signs with %q (%v), want %q", side, got.AccessKeyID, err, want)
		}
	}
}

// asTerraform is what the SDK reads in Terraform's environment.
func (o outset) asTerraform(s seen) aws.Config {
	o.t.Helper()
	mine := os.Environ()
	defer setAll(mine)
	var theirs []string
	for name, value := range s.env {
		theirs = append(theirs, name+"="+value)
	}
	setAll(theirs)
	cfg, err := config.LoadDefaultConfig(o.t.Context(), config.WithRegion("us-west-2"))
	if err != nil {
		o.t.Fatalf("in Terraform's environment: %v", err)
	}
	// asked for now, while the environment is Terraform's
	if _, err := cfg.Credentials.Retrieve(o.t.Context()); err != nil {
		o.t.Logf("in Terraform's environment: %v", err)
	}
	return cfg
}

func setAll(environ []string) {
	os.Clearenv()
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		_ = os.Setenv(name, value)
	}
}

// ofProfile wants what the profile sets to reach Terraform.
func ofProfile(o outset, name string) {
	value := map[string]string{
		"endpoint_url": "http://127.0.0.1:1", "ca_bundle": o.bundle(), "retry_mode": "adaptive", "max_attempts": "5",
		"use_fips_endpoint": "true", "use_dualstack_endpoint": "true",
	}[name]
	o.write(filepath.Join(o.home, ".aws", "config"),
		profileText("profile avive-cfndev-k8s", "HOME")+name+" = "+value+"\n")
	cfg := o.asTerraform(o.begun())
	options := sts.NewFromConfig(cfg).Options()
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !map[string]bool{
		"endpoint_url":           aws.ToString(options.BaseEndpoint) == value,
		"ca_bundle":              ok && client.GetTransport().TLSClientConfig.RootCAs != nil,
		"retry_mode":             string(cfg.RetryMode) == value,
		"max_attempts":           fmt.Sprint(cfg.RetryMaxAttempts) == value,
		"use_fips_endpoint":      options.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled,
		"use_dualstack_endpoint": options.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled,
	}[name] {
		o.t.Errorf("the SDK in Terraform's environment does not see %s = %s", name, value)
	}
}

// issuer serves what STS, a container and a machine are asked for. The key's name says by what it was asked for.
func (o outset) issuer() string {
	const keys = `{"Code": "Success", "AccessKeyId": "ISSUED-%s", "SecretAccessKey": "s", "Token": "t",
		"Expiration": "%s"}`
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/container":
			fmt.Fprintf(w, keys, r.Header.Get("Authorization"), until)
		case r.Method == http.MethodPut:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "600")
			fmt.Fprint(w, "token")
		case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
			fmt.Fprint(w, "machine")
		case strings.HasSuffix(r.URL.Path, "/machine"):
			fmt.Fprintf(w, keys, "machine", until)
		default:
			fmt.Fprintf(w, "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"+
				"<AccessKeyId>ISSUED-%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"+
				"<Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"+
				"</AssumeRoleWithWebIdentityResponse>", r.FormValue("RoleSessionName"), until)
		}
	}))
	o.t.Cleanup(server.Close)
	return server.URL
}

// bundle is a file with a certificate.
func (o outset) bundle() string {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	file := filepath.Join(o.home, "bundle.pem")
	o.write(file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return file
}
