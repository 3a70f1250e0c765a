package terraform

import (
	"fmt"
	"os"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
)

// Pinned is the version that a .terraform-version names, as tfenv and tenv read it.
func Pinned(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the version to install: %w", err)
	}
	words := strings.Fields(string(text))
	if len(words) != 1 {
		return "", hint.Add(fmt.Errorf("reading the version to install: %s holds %q", path, strings.TrimSpace(string(text))),
			"it holds one version, such as 1.11.4")
	}
	return words[0], nil
}
