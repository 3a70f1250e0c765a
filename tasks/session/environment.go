package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// LocalKey is both halves of the dummy credentials of the local AWS.
const LocalKey = "local"

// Environment is the process's environment as a map.
func Environment() map[string]string {
	env := map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			env[name] = value
		}
	}
	return env
}

// WithoutMage drops what Mage tells its own child, so that a Mage that a test runs starts afresh.
func WithoutMage(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool { return strings.HasPrefix(pair, "MAGEFILE_") })
}

// DockerConfig is the folder of Docker's config.json.
func DockerConfig() (string, error) {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".docker"), nil
}
