package session

import (
	"errors"

	"github.com/magefile/mage/mg"
)

// Refused is the exit code of a gate that said no: nothing failed, and the command line was understood.
const Refused = 3

// Interrupted is an error of work that a signal ended. It says so first.
type Interrupted struct{ Err error }

func (e Interrupted) Error() string { return "interrupted: " + e.Err.Error() }

func (e Interrupted) Unwrap() error { return e.Err }

// Conclude is the error of a target with a gate: a no of the gate is kept when something else failed, too.
func Conclude(failed, verdict error) error {
	switch {
	case mg.ExitStatus(verdict) == Refused:
		return mg.Fatal(Refused, errors.Join(failed, verdict))
	case failed != nil:
		return failed
	}
	return verdict
}
