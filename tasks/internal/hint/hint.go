// Package hint adds to an error what to type next.
package hint

import (
	"fmt"
	"strings"
)

// Add adds a complete next action to an error: what to type, on a last line of its own. Wrapping the result puts words
// in front of the error, so the hint is still last. The hint of a nil err is nil.
func Add(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hinted{err: err, hint: fmt.Sprintf(format, args...)}
}

const mark = "\nhint: "

type hinted struct {
	err  error
	hint string
}

func (e *hinted) Error() string { return e.err.Error() + mark + e.hint }

func (e *hinted) Unwrap() error { return e.err }

// Hint is what was added.
func (e *hinted) Hint() string { return e.hint }

// Parts is an error's text and its hint, empty if there is none; of several hints the last, which is the caller's.
func Parts(err error) (what, hint string) {
	parts := strings.Split(err.Error(), mark)
	if len(parts) == 1 {
		return parts[0], ""
	}
	return parts[0], parts[len(parts)-1]
}

// Quote quotes a word for a shell, where it needs quotes; of -flag=value the value alone.
func Quote(word string) string {
	if flag, value, valued := strings.Cut(word, "="); valued && strings.HasPrefix(flag, "-") {
		return Quote(flag) + "=" + Quote(value)
	}
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:"
	if strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
