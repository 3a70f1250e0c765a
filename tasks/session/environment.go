package session

import (
	"os"
	"strings"
)

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
	var kept []string
	for _, pair := range environ {
		if !strings.HasPrefix(pair, "MAGEFILE_") {
			kept = append(kept, pair)
		}
	}
	return kept
}
