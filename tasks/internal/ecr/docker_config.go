package ecr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	dockerconfig "github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"

	"envoy-proxy-poc/tasks/internal/hint"
)

// configPath is the config.json of a Docker configuration directory, which is made if need be. Symbolic
// links are followed, so that a linked file stays linked, is replaced within its own file system, and has one
// lock however it is reached.
func configPath(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no Docker configuration directory is given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, dockerconfig.ConfigFileName)
	switch target, err := filepath.EvalSymlinks(file); {
	case err == nil:
		return target, nil
	case errors.Is(err, os.ErrNotExist): // not there yet, or a link to nothing, which Save knows to follow
		return file, nil
	default:
		return "", err
	}
}

// loadConfig reads config.json through Docker's own library. The library stops at the end of the first JSON
// value, so what follows it would be lost when the file is written: that is checked first.
func loadConfig(file string) (*configfile.ConfigFile, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	config := configfile.New(file)
	if len(bytes.TrimSpace(text)) == 0 {
		return config, nil
	}
	var whole struct{}
	err = json.Unmarshal(text, &whole)
	if err == nil {
		err = config.LoadFromReader(bytes.NewReader(text))
	}
	if err != nil {
		return nil, hint.Add(fmt.Errorf("reading %q: %w%s", file, err, lineOf(text, err)),
			"repair the file or move it away; nothing was written to it")
	}
	return config, nil
}

// at says on which line a syntax error is.
func lineOf(text []byte, err error) string {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return ""
	}
	before := text[:min(int(syntax.Offset), len(text))]
	return fmt.Sprintf(" (line %d)", 1+bytes.Count(before, []byte("\n")))
}

// helperFor is the credential helper for a registry, as Docker chooses it: its own entry, which may be empty
// for "none", else the store for all.
func helperFor(config *configfile.ConfigFile, host string) string {
	if helper, ok := config.CredentialHelpers[host]; ok {
		return helper
	}
	return config.CredentialsStore
}

// shadowed reports whether a value of DOCKER_AUTH_CONFIG has an entry for the registry. Docker ignores a
// value that it cannot read or that holds anything but auth strings.
func shadowed(value, host string) bool {
	var env struct {
		Auths map[string]struct {
			Auth string `json:"auth"`
		} `json:"auths"`
	}
	decoder := json.NewDecoder(strings.NewReader(value))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&env) != nil || decoder.More() {
		return false
	}
	for _, entry := range env.Auths {
		if entry.Auth == "" {
			return false
		}
	}
	_, ok := env.Auths[host]
	return ok
}
