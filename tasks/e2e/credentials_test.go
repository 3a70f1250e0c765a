package e2e_test

import (
	"crypto/sha1" //nolint:gosec // it names the files of the SSO cache
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// kind is a way to credentials: what a user has set up for it, and what it asks the issuers.
type kind struct {
	name   string
	config string            // of the profile that locals.tf names, and what belongs to it; empty for no AWS files at all
	env    map[string]string // URL stands for the issuers' address, HOME for the home
	files  map[string]string // below HOME
	code   string            // is typed when the terminal asks for it
	want   []string          // all that the issuers are asked, sorted
	key    string            // the one that the local AWS sees
	asked  int               // how often a server that refuses is asked
	says   string            // is said
	plan   bool              // plays plan too; deploy plans in the same way. Terraform then starts its provider itself.
}

// profile is the beginning of the profile that locals.tf names. The SDK wants an address for each service that issues
// keys: there, endpoint_url does not count.
const profile = "[services here]\nsts =\n  endpoint_url = URL\nsso =\n  endpoint_url = URL\nsso_oidc =\n" +
	"  endpoint_url = URL\n[profile avive-cfndev-k8s]\nregion = us-west-2\nendpoint_url = URL\nservices = here\n"

// base is the profile of a user who may assume roles.
const base = "[profile base]\naws_access_key_id = " + baseKey + "\naws_secret_access_key = secret\n"

const ssoSession = "[sso-session corp]\nsso_start_url = https://corp.example.org/start\nsso_region = us-east-1\n" +
	profile + "sso_session = corp\nsso_account_id = 000000000000\nsso_role_name = Deployer\n"

const olderSSO = profile + "sso_start_url = https://corp.example.org/start\nsso_region = us-east-1\n" +
	"sso_account_id = 000000000000\nsso_role_name = Deployer\n"

const role = profile + "role_arn = arn:aws:iam::000000000000:role/"

// A machine and a container. Where there is no profile, the variable says where the local AWS is.
var (
	machine   = map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "URL"}
	container = map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/pod/keys", "AWS_CONTAINER_AUTHORIZATION_TOKEN": podToken,
	}
	machineAsked = []string{"the machine's keys", "the machine's role", "the machine's token"}
)

var kinds = []kind{
	{
		name: "a role with source_profile", config: base + role + "deployer\nsource_profile = base\n",
		want: []string{"AssumeRole deployer for 3600 s"}, key: "ASIAROLE1", plan: true,
	},
	{
		name: "a role by another role",
		config: base + "[profile first]\nrole_arn = arn:aws:iam::000000000000:role/first\nsource_profile = base\n" +
			role + "deployer\nsource_profile = first\n",
		want: []string{"AssumeRole deployer for 3600 s", "AssumeRole first for 3600 s"}, key: "ASIAROLE2",
	},
	{
		name: "an expired sso_session that can be refreshed", config: ssoSession,
		files: map[string]string{ssoCache("corp"): ssoToken(time.Now().Add(-time.Hour))},
		want:  []string{"CreateToken refresh_token", "GetRoleCredentials Deployer"}, key: "ASIASSO1",
	},
	{
		name: "the older form of SSO", config: olderSSO,
		files: map[string]string{ssoCache("https://corp.example.org/start"): ssoToken(time.Now().Add(time.Hour))},
		want:  []string{"GetRoleCredentials Deployer"}, key: "ASIASSO1",
	},
	{
		name: "a role with keys of the environment", config: role + "deployer\ncredential_source = Environment\n",
		env: map[string]string{
			"AWS_PROFILE": "avive-cfndev-k8s", "AWS_ACCESS_KEY_ID": baseKey, "AWS_SECRET_ACCESS_KEY": "secret",
		},
		want: []string{"AssumeRole deployer for 3600 s"}, key: "ASIAROLE1",
	},
	{
		name:   "a role by the machine's, for two hours",
		config: role + "deployer\ncredential_source = Ec2InstanceMetadata\nduration_seconds = 7200\n", env: machine,
		want: append([]string{"AssumeRole deployer for 7200 s"}, machineAsked...), key: "ASIAROLE2",
	},
	{
		name: "a role by the container's", config: role + "deployer\ncredential_source = EcsContainer\n",
		env:  with(container, "AWS_PROFILE", "avive-cfndev-k8s"),
		want: []string{"AssumeRole deployer for 3600 s", "the container's keys"}, key: "ASIAROLE2",
	},
	{
		name:   "a code of an MFA device",
		config: base + role + "careful\nsource_profile = base\nmfa_serial = " + mfaDevice + "\n",
		code:   "123456", want: []string{"AssumeRole careful for 3600 s"}, key: "ASIAROLE1", plan: true,
	},
	{
		name: "credential_process", config: profile + "credential_process = sh HOME/process.sh\n",
		files: map[string]string{"process.sh": "curl -s URL/process\n"},
		want:  []string{"credential_process"}, key: "ASIAPROCESS1",
	},
	{
		name: "a web identity",
		env: map[string]string{
			"AWS_ENDPOINT_URL": "URL", "AWS_ENDPOINT_URL_STS": "URL", "AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/token",
			"AWS_ROLE_ARN": "arn:aws:iam::000000000000:role/deployer",
		},
		files: map[string]string{"token": webToken},
		want:  []string{"AssumeRoleWithWebIdentity deployer for 3600 s"}, key: "ASIAWEB1",
	},
	{
		name: "a container without AWS files", env: with(container, "AWS_ENDPOINT_URL", "URL"),
		want: []string{"the container's keys"}, key: "ASIAPOD1",
	},
	{
		name: "a machine without AWS files", env: with(machine, "AWS_ENDPOINT_URL", "URL"), plan: true,
		want: machineAsked, key: "ASIAMACHINE1", says: "the role of this machine is used",
	},
}

// with is an environment with one variable more.
func with(env map[string]string, name, value string) map[string]string {
	more := maps.Clone(env)
	more[name] = value
	return more
}

// ssoCache is the file of a sign-in, of a session or a start URL.
func ssoCache(of string) string {
	sum := sha1.Sum([]byte(of)) //nolint:gosec // so the AWS CLI names it
	return ".aws/sso/cache/" + hex.EncodeToString(sum[:]) + ".json"
}

// ssoToken is the file that `aws sso login` writes.
func ssoToken(until time.Time) string {
	text, _ := json.Marshal(map[string]string{
		"startUrl": "https://corp.example.org/start", "region": "us-east-1", "accessToken": signedIn,
		"expiresAt": until.UTC().Format(time.RFC3339), "refreshToken": refreshToken,
		"clientId": "client", "clientSecret": "secret",
	})
	return string(text)
}

// TestCredentialsAreAskedForOnce plays each kind of credentials through the targets that read, plan, deploy and push, on
// one command line. The issuers are asked once, and ECR and S3 see one key, from the targets and from Terraform.
func TestCredentialsAreAskedForOnce(t *testing.T) {
	takesLong(t)
	t.Parallel()
	need(t, "curl") // of credential_process
	served := newServedWorld(t)
	i := newIssuers(t, served.env["AWS_ENDPOINT_URL"])
	served.mage("deploy", "-yes", "push:app", "-platform=linux/amd64")
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			i.forget()
			w := *served
			w.t = t
			w.arrange(k, i.url)
			w.env["XDG_CACHE_HOME"] = filepath.Join(served.home, ".cache") // what is known of the provider
			said, err := w.play(k, i)
			if err != nil || k.says != "" && strings.Count(said, k.says) != 1 {
				t.Fatalf("%v, want %q once in\n%s", err, k.says, said)
			}
			i.wasAsked(t, k)
		})
	}
}

// arrange sets up what a user has for a kind of credentials. The folder of the project keeps what init has made.
func (w *world) arrange(k kind, url string) {
	w.t.Helper()
	w.home = w.t.TempDir()
	w.env = maps.Clone(kept)
	fill := strings.NewReplacer("URL", url, "HOME", w.home).Replace
	w.env["PATH"], w.env["HOME"], w.env["AWS_EC2_METADATA_DISABLED"] = os.Getenv("PATH"), w.home, "true"
	if !k.plan && w.env["TF_PROVIDER_ATTACH"] == "" {
		w.env["TF_PROVIDER_ATTACH"] = "1"
	}
	for name, value := range k.env {
		w.env[name] = fill(value)
		if name == "AWS_EC2_METADATA_SERVICE_ENDPOINT" {
			delete(w.env, "AWS_EC2_METADATA_DISABLED")
		}
	}
	for name, text := range k.files {
		write(w.t, filepath.Join(w.home, name), fill(text))
	}
	if k.config != "" {
		write(w.t, filepath.Join(w.home, ".aws", "config"), fill(k.config))
	}
}

// play types a command line, on a terminal where a code is asked for.
func (w *world) play(k kind, i *issuers) (string, error) {
	w.t.Helper()
	args := []string{"ecr:status", "deploy", "-yes", "push:app", "-platform=linux/amd64"}
	if k.plan {
		args = append([]string{"plan"}, args...)
	}
	if k.code == "" {
		return w.try(mage, args...)
	}
	i.codes = []string{k.code}
	return onTerminal(w.t, w.command(mage, args...), "code", k.code)
}

// wasAsked compares what the issuers were asked, and which keys the local AWS saw, with what a kind wants.
func (i *issuers) wasAsked(t *testing.T, k kind) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	if got := slices.Sorted(slices.Values(i.asked)); !slices.Equal(got, k.want) {
		t.Errorf("the issuers were asked for %q, want %q", got, k.want)
	}
	for seen := range i.seen {
		if !strings.HasSuffix(seen, " "+k.key) {
			t.Errorf("the local AWS saw %s, want %s only", seen, k.key)
		}
	}
	for _, service := range []string{"ecr", "s3"} {
		if seen := fmt.Sprint(service, " ", k.key); !i.seen[seen] {
			t.Errorf("the local AWS did not see %s", seen)
		}
	}
}
