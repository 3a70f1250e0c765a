package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// The exit codes beside 0, and 1 for what failed.
const (
	misunderstood = 2   // a flag or a word has a value that it cannot have
	Refused       = 3   // a gate said no: nothing failed
	interrupted   = 130 // what a shell reports of a program that Ctrl-C ended
)

// exit is an error with an exit code of its own.
type exit struct {
	error
	code int
}

func (e exit) Unwrap() error   { return e.error }
func (e exit) ExitStatus() int { return e.code }

// Mistake is the error of a value on the command line. It is nil for nil.
func Mistake(err error) error { return withCode(misunderstood, err) }

// Refuse is the no of a gate. It is nil for nil.
func Refuse(err error) error { return withCode(Refused, err) }

func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return exit{err, code}
}

// Interrupted is the error of work that a signal ended. It says so first.
func Interrupted(err error) error { return withCode(interrupted, fmt.Errorf("interrupted: %w", err)) }

// disk is what to do about a file system, by what any program says of it.
var disk = map[string]string{
	"no space left on device": "free some space; where it is missing says: ",
	"read-only file system":   "work in a checkout that you may write to; what else is missing says: ",
}

// End is what Mage prints of a target's error, and exits with: the code of the first error inside that has one. The
// SDK's own words come with -v. ctx is Mage's, which ends with Ctrl-C.
func End(ctx context.Context, err error) error {
	menu.Ended()
	if err == nil {
		return nil
	}
	code := 1
	if own, ok := errors.AsType[interface {
		error
		ExitStatus() int
	}](err); ok {
		code = own.ExitStatus()
	} else if errors.Is(ctx.Err(), context.Canceled) {
		code, err = interrupted, Interrupted(err)
	}
	for cause, fix := range disk {
		if strings.Contains(err.Error(), cause) {
			err = hint.Add(err, "%s", fix+menu.Typed("doctor"))
		}
	}
	text := console.ErrorLines(err)
	if !mg.Verbose() {
		text = awserr.Plain(text)
	}
	return mg.Fatal(code, text)
}
