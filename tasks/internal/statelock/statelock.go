// Package statelock says who holds the lock of a Terraform state.
package statelock

import (
	"fmt"
	"time"
)

// Lock is what Terraform writes into a lock, and prints when it finds a lock.
type Lock struct {
	ID        string
	Operation string // such as OperationTypeApply
	Info      string
	Who       string // user@host
	Version   string // Terraform's
	Created   time.Time
	Path      string // bucket/key

	Broken bool   `json:"-"` // Terraform did not write it, or not completely. It blocks Terraform all the same.
	Text   string `json:"-"` // the beginning of what a broken lock holds
}

// String says who holds the lock, in one line.
func (l Lock) String() string { return l.line("") }

// At says who holds the lock, and for how long at the time now.
func (l Lock) At(now time.Time) string { return l.line(", " + age(now.Sub(l.Created))) }

func (l Lock) line(ago string) string {
	switch {
	case l.Broken:
		return fmt.Sprintf("locked, and it is no lock of Terraform's (lock %s): it holds %.200q", l.ID, l.Text)
	case l.Who == "" && l.Operation == "":
		return fmt.Sprintf("locked (lock %s)", l.ID)
	}
	since := ""
	if !l.Created.IsZero() {
		since = " since " + l.Created.UTC().Format(time.RFC3339) + ago
	}
	return fmt.Sprintf("locked by %s%s (%s, Terraform %s, lock %s)", l.Who, since, l.Operation, l.Version, l.ID)
}

// age is how long ago something was, in its largest unit. A time in the future, since clocks differ, was just now.
func age(d time.Duration) string {
	switch {
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
