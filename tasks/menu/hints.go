package menu

import "strings"

// Command is how the user calls the targets: "mage", or "mage local" in local mode.
var Command = "mage"

// Typed is a target as the user would type it now, so that a hint can be typed as it stands.
func Typed(target string) string { return Command + " " + target }

// Quote quotes a word for a shell, where it needs quotes.
func Quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:"
	if strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
