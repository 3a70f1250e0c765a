package console

import (
	"fmt"
	"strings"
)

// Hint adds a complete next action to an error: what to type, on a last line of its own.
// Wrapping the result puts words in front of the error, so the hint stays last. A nil err stays nil.
func Hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hintError{err: err, hint: fmt.Sprintf(format, args...)}
}

// hintMark is where a hint begins.
const hintMark = "\nhint: "

type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() + hintMark + e.hint }

func (e *hintError) Unwrap() error { return e.err }

// Parts takes an error's hint off what it says, "" where it has none; of several the last, which is the caller's.
func Parts(err error) (what, hint string) {
	parts := strings.Split(err.Error(), hintMark)
	if len(parts) == 1 {
		return parts[0], ""
	}
	return parts[0], parts[len(parts)-1]
}
