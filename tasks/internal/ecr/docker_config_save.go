package ecr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/docker/cli/cli/config/configfile"

	"envoy-proxy-poc/tasks/internal/files"
)

// saveConfig writes config.json. Docker's library knows the settings of its own version and drops all others; those are
// put back.
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

// foreignSettings are those of the file as it is that the library does not know.
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

// saveWith writes the file with foreign settings: whole or not at all, and no more open to others than it was.
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
