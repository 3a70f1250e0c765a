package console

import (
	"strconv"
	"strings"
	"time"
)

func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// ErrorText is what an error says, nothing for none.
func ErrorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func Dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// Indent puts a list below the sentence that begins it.
func Indent(items []string) string { return "\n  " + strings.Join(items, "\n  ") }

func Quoted(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = strconv.Quote(name)
	}
	return strings.Join(words, ", ")
}

func Time(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// ShortDigest is enough of a digest to tell images apart; -json has all of it.
func ShortDigest(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }

func List(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, " ")
}

// Count is a number of things: 1 image, 2 images.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
