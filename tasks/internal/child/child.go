// Package child starts the programs that the suite starts, and says which secrets of the environment each may see.
package child

import (
	"context"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// Command is [exec.CommandContext] with env, or this process's environment for nil, but without what belongs to a
// workflow's step alone: the tokens for its identity, of its runner, and for publishing packages.
func Command(ctx context.Context, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	cmd.Env = without(cmd.Environ(), ofTheStep)
	return cmd
}

// WithoutKeys is env for programs that ask no service: git that looks at a commit, and go while it compiles. Both start
// programs of others, such as hooks and GOCACHEPROG, which may need secrets of their own: so only these names go.
func WithoutKeys(env []string) []string { return without(env, keys) }

// HiddenFromTerraform reports whether a variable has the name of a secret and is not for Terraform: providers and
// modules are programs of others. Nobody can list all secrets, and a list of what is allowed would take away the user's
// proxies and SSH agent. Another secret for Terraform can have a name with TF_. The value is for [maps.DeleteFunc].
func HiddenFromTerraform(name, _ string) bool {
	name = strings.ToUpper(name)
	return ofTheStep.MatchString(name) || secret.MatchString(name) && !forTerraform.MatchString(name)
}

var (
	ofTheStep    = regexp.MustCompile(`^(ACTIONS_ID_TOKEN_REQUEST_.*|ACTIONS_RUNTIME_TOKEN|NPM_TOKEN)$`)
	keys         = regexp.MustCompile(`^(AWS_.*|GITHUB_TOKEN|GH_TOKEN)$`)
	secret       = regexp.MustCompile(`SECRET|(TOKEN|PASSWORD|PASSWD|PASSPHRASE|_KEY|CREDENTIALS)$`)
	forTerraform = regexp.MustCompile(`^(AWS|TF)_`)
)

// without is env without some names. Windows takes names in any case.
func without(env []string, drop *regexp.Regexp) []string {
	return slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return drop.MatchString(strings.ToUpper(name))
	})
}
