package local

import (
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
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// localWorld is the environment in which the local AWS is all there is: an AWS config with the profile of locals.tf,
// dummy credentials, a data directory for Terraform and a place for registry credentials, all below .local.
type localWorld struct {
	dir, url string
	settings settings.Settings
}

// enter makes the files and changes this process's environment. No AWS_ variable of the user's survives but the region,
// so that no real credential can reach the local AWS and no local answer can be taken for AWS's.
func (w localWorld) enter() error {
	if err := w.write(); err != nil {
		return err
	}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "AWS_") && name != "AWS_REGION" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	for name, value := range w.environment() {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// environment is what differs from AWS: addresses and places.
func (w localWorld) environment() map[string]string {
	return map[string]string{
		"AWS_CONFIG_FILE":             filepath.Join(w.dir, "aws", "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(w.dir, "aws", "credentials"),
		"AWS_EC2_METADATA_DISABLED":   "true",
		"TF_DATA_DIR":                 filepath.Join(w.dir, "terraform"),
		"DOCKER_CONFIG":               filepath.Join(w.dir, "docker"),
	}
}

// exports is the environment for other programs, as shell lines. The dummy keys stand in front of any real ones of the
// shell.
func (w localWorld) exports(more map[string]string) string {
	all := w.environment()
	maps.Copy(all, map[string]string{
		"AWS_PROFILE":           w.settings.Profile,
		"AWS_REGION":            w.settings.Region,
		"AWS_DEFAULT_REGION":    w.settings.Region,
		"AWS_ENDPOINT_URL":      w.url,
		"AWS_ACCESS_KEY_ID":     session.LocalKey,
		"AWS_SECRET_ACCESS_KEY": session.LocalKey,
		"AWS_SESSION_TOKEN":     "",
	})
	maps.Copy(all, more)
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&lines, "export %s=%s\n", name, menu.Quote(all[name]))
	}
	return lines.String()
}

// write makes the files that environment names.
func (w localWorld) write() error {
	var text strings.Builder
	for _, profile := range slices.Compact(slices.Sorted(slices.Values([]string{w.settings.Profile,
		w.settings.Backend.Profile}))) {
		if profile != "" {
			fmt.Fprintf(&text,
				"[profile %s]\nregion = %s\nendpoint_url = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n\n",
				profile, w.settings.Region, w.url, session.LocalKey, session.LocalKey)
		}
	}
	for path, content := range map[string]string{
		filepath.Join(w.dir, "aws", "config"):      text.String(),
		filepath.Join(w.dir, "aws", "credentials"): "",
	} {
		if err := files.Replace(path, []byte(content)); err != nil {
			return err
		}
	}
	return w.docker()
}

// docker makes a folder for registry credentials that leaves the user's contexts and plugins in force: DOCKER_CONFIG
// would hide them.
func (w localWorld) docker() error {
	dir := filepath.Join(w.dir, "docker")
	file := filepath.Join(dir, "config.json")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	users, err := session.DockerConfig()
	if err != nil || users == dir { // a shell that .local/env was sourced in: the user's own folder can no longer be told
		return files.Replace(file, []byte("{}\n"))
	}
	theirs, err := config.Load(users)
	if err != nil {
		theirs = nil // theirs to mend; here only the context's name is lost
	}
	own := map[string]any{"auths": map[string]any{}}
	if theirs != nil && theirs.CurrentContext != "" {
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
		err := os.Symlink(filepath.Join(users, shared), filepath.Join(dir, shared))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("sharing docker's %s with the local AWS: %w", shared, err)
		}
	}
	return nil
}
