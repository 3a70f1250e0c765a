package terraform

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/statelock"
)

// The reasons of an [*Error] that have a remedy of their own. See also [LockedError] and [awserr.ErrNoBucket].
var (
	ErrProviders      = errors.New("a provider cannot be installed")                // from registry or mirror
	ErrChecksum       = errors.New("a provider does not match .terraform.lock.hcl") // for this platform
	ErrNotInitialised = errors.New("terraform wants to be initialised")
	ErrExpired        = errors.New("the credentials have expired")
)

// Error is a command that failed or was interrupted. errors.Is and errors.As find the reason.
type Error struct {
	Command string // terraform's subcommand, such as "plan"
	Stderr  string // the end of what terraform said; empty if it was streamed to the user already

	reason error // nil where only Stderr says it
}

func (e *Error) Error() string {
	text := "terraform " + e.Command + " failed"
	if e.reason != nil {
		text = fmt.Sprintf("running terraform %s: %v", e.Command, e.reason)
	}
	if e.Stderr != "" {
		text += ":\n" + e.Stderr
	}
	return text
}

func (e *Error) Unwrap() error { return e.reason }

// LockedError is the reason of an [*Error] when somebody else holds the lock of the state.
type LockedError struct{ statelock.Lock }

func (e *LockedError) Error() string { return "the state is " + e.String() }

var (
	colours       = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	gutter        = regexp.MustCompile(`(?m)^[│╷╵] ?`)
	emptyLines    = regexp.MustCompile(`\n\s*\n`)
	preface       = regexp.MustCompile(`Error: Terraform encountered problems during init[^.]*\.\n[^.]*\.\n`)
	lockLine      = regexp.MustCompile(`(?m)^\s+(ID|Path|Operation|Who|Version|Created):[ \t]+(.*\S)`)
	noBucket      = regexp.MustCompile(`S3 bucket "[^"]*" does not exist|NoSuchBucket`)
	uninitialised = regexp.MustCompile(
		`Backend initialization required|Backend configuration changed|Required plugins are not installed|` +
			`Inconsistent dependency lock file|Module not installed|Missing required provider|` +
			`there is no package for \S+ \S+ cached in`)
	mismatch = regexp.MustCompile(`doesn't match any of the checksums|does not match any of the checksums`)
	expired  = regexp.MustCompile(`\b(ExpiredToken|ExpiredTokenException|RequestExpired)\b`)
)

// clean removes the colours and the box that some commands draw even into a pipe, empty lines, and what an init says in
// front of any fault of the configuration.
func clean(stderr string) string {
	text := gutter.ReplaceAllString(colours.ReplaceAllString(stderr, ""), "")
	return strings.TrimSpace(preface.ReplaceAllString(emptyLines.ReplaceAllString(text, "\n"), ""))
}

// diagnose finds the reason of a failure, for which terraform has no exit code, in its words; nil without a remedy.
func diagnose(stderr string) error {
	text := clean(stderr)
	line := strings.Join(strings.Fields(text), " ") // terraform breaks its lines anywhere
	switch {
	case strings.Contains(line, "Error acquiring the state lock") && strings.Contains(text, "Lock Info:"):
		return parseLock(text)
	case noBucket.MatchString(line):
		return fmt.Errorf("opening the state: %w", awserr.ErrNoBucket)
	case strings.Contains(line, "Failed to install provider") && mismatch.MatchString(line):
		return ErrChecksum // at init; a plan says the same of a data folder, which an init puts right
	case strings.Contains(line, "Failed to query available provider packages"),
		strings.Contains(line, "Failed to install provider"),
		strings.Contains(line, "Could not retrieve providers for locking"):
		return ErrProviders
	case expired.MatchString(line):
		return ErrExpired
	case uninitialised.MatchString(line):
		return ErrNotInitialised
	}
	return nil
}

func parseLock(text string) error {
	_, info, _ := strings.Cut(text, "Lock Info:")
	fields := map[string]string{}
	for _, m := range lockLine.FindAllStringSubmatch(info, -1) {
		fields[m[1]] = m[2]
	}
	created, _ := time.Parse("2006-01-02 15:04:05.999999999 -0700 MST", fields["Created"])
	return &LockedError{statelock.Lock{
		ID: fields["ID"], Path: fields["Path"], Operation: fields["Operation"],
		Who: fields["Who"], Version: fields["Version"], Created: created,
	}}
}
