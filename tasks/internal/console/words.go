package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size in the decimal units that registries and disks use: 5.7 MB.
func Bytes(n int64) string {
	const step = 1000
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	value, prefix := float64(n)/step, 0
	for value >= step && prefix < 4 {
		value /= step
		prefix++
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTP"[prefix])
}

// Count is a number with its noun: 1 image, 2 images.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// Dash is the text of a cell, a dash if it is empty.
func Dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// ErrorText is the text of an error, empty for nil.
func ErrorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Indent is a list below the sentence that introduces it, an item a line.
func Indent(items []string) string { return "\n  " + strings.Join(items, "\n  ") }

// List is a list in a cell, a dash if it is empty.
func List(names []string) string { return Dash(strings.Join(names, " ")) }

// OneLine is a text with all its spaces and line ends as single spaces.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Quoted is a list of names, each in quotes.
func Quoted(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = strconv.Quote(name)
	}
	return strings.Join(words, ", ")
}

// ShortDigest is enough of a digest to tell images apart.
func ShortDigest(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }

// ShortCommit is the beginning of a commit. What says that the image is not quite the commit's is never cut off.
func ShortCommit(revision string) string {
	digits, dirty := strings.CutSuffix(revision, "-dirty")
	text := fmt.Sprintf("%.12s", digits)
	if dirty {
		text += "-dirty"
	}
	return text
}

// Time is a time to the second in UTC, a dash if it is not known.
func Time(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
