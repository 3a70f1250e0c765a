package local

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config"

	"envoy-proxy-poc/tasks/internal/files"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// world is where the local AWS is all there is: an AWS config with the profile of locals.tf, dummy credentials, a data
// directory for Terraform and a place for registry credentials, all below .local.
type world struct {
	dir      string // .local
	settings settings.Settings
	serving  *localaws.Serving
}

// dropAWS takes the user's AWS_ variables but the region out of the environment, so that no real credential can reach
// the local AWS and no local answer can be taken for AWS's. Nor can a role of this machine.
func dropAWS() error {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "AWS_") && !slices.Contains(settings.RegionVariables, name) {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	return os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func (w world) enter() error {
	if err := files.Replace(w.path("aws", "config"), []byte(w.profiles())); err != nil {
		return err
	}
	if err := files.Replace(w.path("aws", "credentials"), nil); err != nil {
		return err
	}
	if err := w.shareDocker(); err != nil {
		return err
	}
	for name, value := range w.environment() {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// profiles is the AWS config: the profiles that locals.tf (of each environment) and backend.tf name, with the local AWS
// as their endpoint and the key of the environment's account. An empty name is no profile; the SDK then reads [default].
func (w world) profiles() string {
	keys := map[string]string{}
	for _, environment := range w.settings.Environments {
		keys[environment.Profile] = keyOf(environment)
	}
	keys[w.settings.Profile], keys[w.settings.Backend.Profile] = keyOf(w.settings.Environment), keyOf(w.settings.Environment)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		section := "default"
		if name != "" {
			section = "profile " + name
		}
		fmt.Fprintf(&text,
			"[%s]\nregion = %s\nendpoint_url = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n\n",
			section, w.settings.Region, w.serving.URL, keys[name], session.LocalKey)
	}
	return text.String()
}

// keyOf is an access key of an environment's account in the local AWS.
func keyOf(e settings.Environment) string { return cmp.Or(e.Account, session.LocalKey) }

// shareDocker makes a folder for registry credentials that leaves the user's contexts and plugins in force:
// DOCKER_CONFIG would hide them.
func (w world) shareDocker() error {
	file := w.path("docker", "config.json")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	users, err := session.DockerConfig()
	if err != nil || users == filepath.Dir(file) { // this shell has sourced .local/env: the user's own folder is unknown
		return files.Replace(file, []byte("{}\n"))
	}
	own := map[string]any{"auths": map[string]any{}}
	// A config that cannot be read is Docker's to report; here only the context's name is lost.
	if theirs, err := config.Load(users); err == nil && theirs.CurrentContext != "" {
		own["currentContext"] = theirs.CurrentContext
	}
	text, err := json.MarshalIndent(own, "", "\t")
	if err != nil {
		return err
	}
	if err := files.Replace(file, text); err != nil {
		return err
	}
	for _, shared := range []string{"contexts", "cli-plugins"} {
		err := os.Symlink(filepath.Join(users, shared), w.path("docker", shared))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("sharing docker's %s with the local AWS: %w", shared, err)
		}
	}
	return nil
}

func (w world) environment() map[string]string {
	return map[string]string{
		"AWS_CONFIG_FILE":             w.path("aws", "config"),
		"AWS_SHARED_CREDENTIALS_FILE": w.path("aws", "credentials"),
		"AWS_EC2_METADATA_DISABLED":   "true",
		"TF_DATA_DIR":                 w.path("terraform"),
		"DOCKER_CONFIG":               w.path("docker"),
		"TF_PROVIDER_ATTACH":          cmp.Or(os.Getenv("TF_PROVIDER_ATTACH"), "1"), // see docs/configuration.md
	}
}

// exports is the environment for other programs, as shell lines. The dummy keys overrule any real ones of the shell.
func (w world) exports(more map[string]string) string {
	all := w.environment()
	maps.Copy(all, map[string]string{
		"AWS_PROFILE":           w.settings.Profile,
		"AWS_REGION":            w.settings.Region,
		"AWS_DEFAULT_REGION":    w.settings.Region,
		"AWS_ENDPOINT_URL":      w.serving.URL,
		"AWS_ACCESS_KEY_ID":     keyOf(w.settings.Environment),
		"AWS_SECRET_ACCESS_KEY": session.LocalKey,
		"AWS_SESSION_TOKEN":     "",
	})
	if w.settings.Given != "" {
		all[settings.EnvironmentVariable] = w.settings.Given
	}
	maps.Copy(all, more)
	var lines strings.Builder
	// The doctor knows these versions too.
	lines.WriteString("# for the AWS CLI 2.13 (version 1: 1.29) or newer: " +
		"an older one ignores AWS_ENDPOINT_URL and calls the real AWS\n")
	if w.settings.Profile == "" { // set but empty, it is an error to some programs
		delete(all, "AWS_PROFILE")
		lines.WriteString("unset AWS_PROFILE\n")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&lines, "export %s=%s\n", name, menu.Quote(all[name]))
	}
	return lines.String()
}

func (w world) path(elem ...string) string {
	return filepath.Join(append([]string{w.dir}, elem...)...)
}
