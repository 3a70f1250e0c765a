package menu

import "envoy-proxy-poc/tasks/internal/hint"

// Command is how the user calls the targets: "mage", or "mage local" in local mode.
var Command = "mage"

// Typed is a target as the user would type it now, so that a hint can be typed as it stands.
// words come from outside, and are quoted for a shell.
func Typed(target string, words ...string) string {
	typed := Command + " " + target
	for _, word := range words {
		typed += " " + Quote(word)
	}
	return typed
}

// Quote quotes a word for a shell, where it needs quotes.
func Quote(word string) string { return hint.Quote(word) }
