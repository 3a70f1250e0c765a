package session

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/hint"
)

// accounts are those of the keys that the STS of these tests knows.
var accounts = map[string]string{
	"DEV": "111111111111", "PROD": "222222222222", "OTHER": "333333333333",
}

// twoEnvironments is a checkout with dev and prod, a profile for each, and an STS.
func twoEnvironments(t *testing.T, prod string, env map[string]string) {
	t.Helper()
	key := regexp.MustCompile(`Credential=(\w+)/`)
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account := accounts[key.FindStringSubmatch(r.Header.Get("Authorization"))[1]]
		_, _ = fmt.Fprintf(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>%s</Account>"+
			"<Arn>arn:aws:iam::%s:user/u</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>", account, account)
	}))
	t.Cleanup(sts.Close)
	configured(t, env, "[profile dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n"+
		"[profile prod]\naws_access_key_id = PROD\naws_secret_access_key = s\n"+
		"[profile elsewhere]\naws_access_key_id = OTHER\naws_secret_access_key = s\n")
	t.Setenv("AWS_ENDPOINT_URL", sts.URL)
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "DEPLOY_ENVIRONMENT"} {
		t.Setenv(name, env[name])
	}
	dir := t.TempDir()
	tf := filepath.Join(dir, "terraform", "ecr")
	if err := os.MkdirAll(tf, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		filepath.Join(dir, "go.mod"): "module " + module + "\n",
		filepath.Join(tf, "locals.tf"): `locals {
			region = "us-west-2"
			profile = "dev"
			account_id = "111111111111"
			environment = coalesce(var.environment, "dev")
			repositories = { app = { name = "${local.environment}-app" } }
			retention_days = 30
			protect_tags = {}
			tags = {}
			environments = {` + prod + `}
		}`,
		filepath.Join(tf, "backend.tf"): `terraform {
			backend "s3" {
				bucket = "the-state"
				key = "a/state"
				region = "us-west-2"
				use_lockfile = true
			}
		}`,
		filepath.Join(tf, "terraform.tf"): "terraform {}\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// The credentials of the environment are for the side that they belong to; the other side uses its own profile.
func TestSidesHaveTheirCredentials(t *testing.T) {
	const prod = `prod = { account_id = "222222222222", profile = "prod" }`
	keysOf := func(name string) map[string]string {
		return map[string]string{"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": "s"}
	}
	for _, test := range []struct {
		name        string
		env         map[string]string
		here, there string // the profiles; empty for the keys of the environment
	}{
		{"nothing", nil, "dev", "prod"},
		{"keys of the one", keysOf("DEV"), "", "prod"},
		{"keys of the other", keysOf("PROD"), "dev", ""},
		{"a profile of the one", map[string]string{"AWS_PROFILE": "dev"}, "dev", "prod"},
		{"a profile of the other", map[string]string{"AWS_PROFILE": "prod"}, "dev", "prod"},
	} {
		t.Run(test.name, func(t *testing.T) {
			twoEnvironments(t, prod, test.env)
			here, there, err := Sides(t.Context(), "prod", "promote:all v1 -to=prod")
			if err != nil {
				t.Fatal(err)
			}
			if here.AWS.Profile != test.here || there.AWS.Profile != test.there {
				t.Errorf("the profiles are %q and %q, want %q and %q", here.AWS.Profile, there.AWS.Profile, test.here, test.there)
			}
			for side, want := range map[*Session]string{here: "111111111111", there: "222222222222"} {
				if who, err := side.AWS.Identify(t.Context()); err != nil || who.Account != want {
					t.Errorf("%s works in %s, %v, want %s", side.Settings.Name, who.Account, err, want)
				}
			}
		})
	}
	for profile, env := range map[string]map[string]string{"NAME": keysOf("OTHER"), "dev": {"AWS_PROFILE": "elsewhere"}} {
		t.Run("neither, and "+profile+" is meant", func(t *testing.T) {
			twoEnvironments(t, prod, env)
			_, _, err := Sides(t.Context(), "prod", "promote:all v1 -to=prod")
			if what, next := hint.Parts(err); !strings.Contains(what, "of account 333333333333") ||
				!strings.HasSuffix(next, "AWS_PROFILE="+profile+" mage promote:all v1 -to=prod") {
				t.Errorf("Sides = %v, want a refusal", err)
			}
		})
	}
}

// One role, of the account copied into, reads the other side where that has no profile: as a CI job does.
func TestSidesReadAcross(t *testing.T) {
	twoEnvironments(t, `prod = { account_id = "222222222222" }`, map[string]string{
		"AWS_ACCESS_KEY_ID": "PROD", "AWS_SECRET_ACCESS_KEY": "s",
	})
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	here, there, err := Sides(t.Context(), "prod", "promote:all v1 -to=prod")
	if err != nil {
		t.Fatal(err)
	}
	if here.AWS.Registry != "111111111111" || there.AWS.Registry != "" {
		t.Errorf("the registries are %q and %q, want dev's account and none", here.AWS.Registry, there.AWS.Registry)
	}
}

// One set of keys is for both sides where both are in one account, and AWS_REGION where both are in one region.
func TestSidesShareWhatIsShared(t *testing.T) {
	for region, want := range map[string][2]string{
		"us-west-2": {"eu-central-1", "eu-central-1"}, "eu-west-1": {"us-west-2", "eu-west-1"},
	} {
		twoEnvironments(t, `prod = { account_id = "111111111111", profile = "prod", region = "`+region+`" }`, map[string]string{
			"AWS_ACCESS_KEY_ID": "DEV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-central-1",
		})
		here, there, err := Sides(t.Context(), "prod", "promote:all v1 -to=prod")
		if err != nil {
			t.Fatal(err)
		}
		if here.AWS.Region != want[0] || there.AWS.Region != want[1] || there.AWS.Profile != "" {
			t.Errorf("%s: the regions are %s and %s, the profile is %q", region, here.AWS.Region, there.AWS.Region,
				there.AWS.Profile)
		}
	}
}

func TestSidesAreTwo(t *testing.T) {
	for _, to := range []string{"dev", "prdo", ""} {
		twoEnvironments(t, `prod = { account_id = "222222222222" }`, nil)
		_, _, err := Sides(t.Context(), to, "promote:all v1")
		if err == nil || !strings.Contains(err.Error(), "want an environment other than dev: prod") {
			t.Errorf("-to=%s: %v", to, err)
		}
	}
}
