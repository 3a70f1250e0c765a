package child

import (
	"slices"
	"strings"
	"testing"
)

// everything is an environment with what a workflow, a cloud and a user may have in it.
var everything = []string{
	"PATH=/bin", "HTTPS_PROXY=http://u:password@proxy", "SSH_AUTH_SOCK=s", "GOCACHEPROG=p", "DEPOT_TOKEN=d", "TF_TOKEN_host=t",
	"TF_VAR_password=v", "AWS_PROFILE=p", "AWS_SECRET_ACCESS_KEY=k", "AWS_SESSION_TOKEN=t", "GITHUB_TOKEN=g", "GH_TOKEN=g",
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN=i", "ACTIONS_ID_TOKEN_REQUEST_URL=u", "ACTIONS_RUNTIME_TOKEN=r", "NPM_TOKEN=n",
	"DB_PASSWORD=p", "CLIENT_SECRET_ID=s", "GOOGLE_CREDENTIALS=c", "DEPLOY_KEY=k", "TOKENS=a count", "my_token=m",
}

func names(env []string) string {
	var found []string
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		found = append(found, name)
	}
	return strings.Join(found, " ")
}

func TestWhoGetsWhat(t *testing.T) {
	forTerraform := slices.DeleteFunc(slices.Clone(everything), func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return HiddenFromTerraform(name, value)
	})
	const all = "PATH HTTPS_PROXY SSH_AUTH_SOCK GOCACHEPROG DEPOT_TOKEN TF_TOKEN_host TF_VAR_password AWS_PROFILE " +
		"AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN GITHUB_TOKEN GH_TOKEN DB_PASSWORD CLIENT_SECRET_ID GOOGLE_CREDENTIALS " +
		"DEPLOY_KEY TOKENS my_token"
	for what, test := range map[string]struct {
		env  []string
		want string
	}{
		"a child": {Command(t.Context(), everything, "x").Env, all},
		"a compiler": {Command(t.Context(), WithoutKeys(everything), "x").Env, "PATH HTTPS_PROXY SSH_AUTH_SOCK GOCACHEPROG " +
			"DEPOT_TOKEN TF_TOKEN_host TF_VAR_password DB_PASSWORD CLIENT_SECRET_ID GOOGLE_CREDENTIALS DEPLOY_KEY TOKENS my_token"},
		"terraform": {forTerraform, "PATH HTTPS_PROXY SSH_AUTH_SOCK GOCACHEPROG TF_TOKEN_host TF_VAR_password AWS_PROFILE " +
			"AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN TOKENS"},
	} {
		if got := names(test.env); got != test.want {
			t.Errorf("%s gets\n%s, want\n%s", what, got, test.want)
		}
	}
}

// A child without an environment of its own gets this process's.
func TestTheProcessesOwn(t *testing.T) {
	t.Setenv("NPM_TOKEN", "n")
	t.Setenv("AWS_PROFILE", "p")
	env := Command(t.Context(), nil, "x").Env
	if slices.Contains(env, "NPM_TOKEN=n") || !slices.Contains(env, "AWS_PROFILE=p") {
		t.Errorf("it gets %q", env)
	}
}
