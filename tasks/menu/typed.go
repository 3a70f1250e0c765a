package menu

import (
	"strings"
)

func Quote(value string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:", r)
	}
	if strings.TrimFunc(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// Command is how the user calls the targets: a hint can then be typed as it stands.
var Command = "mage"

// Typed is a target as the user would type it now.
func Typed(target string) string { return Command + " " + target }
