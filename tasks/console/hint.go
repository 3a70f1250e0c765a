package console

import "fmt"

// Hint adds a complete next action to an error: what to type, on a last line of its own.
// Wrapping the result puts words in front of the error, so the hint stays last. A nil err stays nil.
func Hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hintError{err: err, hint: fmt.Sprintf(format, args...)}
}

type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() + "\nhint: " + e.hint }

func (e *hintError) Unwrap() error { return e.err }
