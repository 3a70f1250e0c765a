package ecr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	dockerconfig "github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"

	"envoy-proxy-poc/tasks/internal/files"
	"envoy-proxy-poc/tasks/internal/hint"
)

// configPath is the config.json in dir, which is made if need be. A linked file is still linked afterwards, and has one lock.
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

// loadConfig reads config.json through Docker's own library, which stops at the end of the first JSON value: the rest
// would be lost when the file is written, so that is checked first.
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

func lineOf(text []byte, err error) string {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return ""
	}
	before := text[:min(int(syntax.Offset), len(text))]
	return fmt.Sprintf(" (line %d)", 1+bytes.Count(before, []byte("\n")))
}

// helperFor is the credential helper for a registry: its own entry, which may be empty, else the store.
func helperFor(config *configfile.ConfigFile, host string) string {
	if helper, ok := config.CredentialHelpers[host]; ok {
		return helper
	}
	return config.CredentialsStore
}

// shadowed reports whether DOCKER_AUTH_CONFIG has an entry for the registry. Docker ignores a value that it cannot read
// or that holds anything but auth strings.
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

// saveConfig writes config.json. Docker's library drops the settings that it does not know: those are put back.
func saveConfig(config *configfile.ConfigFile) error {
	foreign, err := foreignSettings(config.Filename)
	if err == nil && len(foreign) == 0 {
		err = config.Save()
	} else if err == nil {
		err = saveWith(config, foreign)
	}
	if err != nil {
		return fmt.Errorf("writing %q: %w", config.Filename, err)
	}
	return nil
}

func foreignSettings(file string) (map[string]json.RawMessage, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	settings := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &settings); err != nil {
		return nil, err
	}
	for field := range reflect.TypeFor[configfile.ConfigFile]().Fields() {
		known, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		for name := range settings {
			if strings.EqualFold(name, known) {
				delete(settings, name)
			}
		}
	}
	return settings, nil
}

func saveWith(config *configfile.ConfigFile, foreign map[string]json.RawMessage) error {
	var text bytes.Buffer
	if err := config.SaveToWriter(&text); err != nil {
		return err
	}
	settings := map[string]json.RawMessage{}
	if err := json.Unmarshal(text.Bytes(), &settings); err != nil {
		return err
	}
	for name, value := range foreign {
		settings[name] = value
	}
	merged, err := json.MarshalIndent(settings, "", "\t")
	if err != nil {
		return err
	}
	return files.Replace(config.Filename, merged)
}
