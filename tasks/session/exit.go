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

// Conclude is the error of a target with a gate. A no of the gate is kept, also inside of other errors and when something
// else failed, too.
func Conclude(failed, verdict error) error {
	err := errors.Join(failed, verdict)
	if no, ok := errors.AsType[interface {
		error
		ExitStatus() int
	}](err); ok && no.ExitStatus() == Refused {
		return mg.Fatal(Refused, err)
	}
	return err
}
