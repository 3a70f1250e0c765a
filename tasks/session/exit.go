package session

import (
	"errors"

	"github.com/magefile/mage/mg"
)

// Refused is the exit code of a gate that said no: neither a failure nor a command line that was not understood.
const Refused = 3

// Interrupted says first what happened, and then where.
type Interrupted struct{ Err error }

func (e Interrupted) Error() string { return "interrupted: " + e.Err.Error() }

func (e Interrupted) Unwrap() error { return e.Err }

// Conclude is how a target ends that has a gate: a no stays one when something else failed too.
func Conclude(failed, verdict error) error {
	switch {
	case mg.ExitStatus(verdict) == Refused:
		return mg.Fatal(Refused, errors.Join(failed, verdict))
	case failed != nil:
		return failed
	}
	return verdict
}
