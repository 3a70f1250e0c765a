package session

import (
	"context"
	"errors"
	"fmt"
	"os"

	"envoy-proxy-poc/tasks/internal/console"
)

// inCI is whether a deploy goes on unasked: where nobody could answer, and CI is exactly true, as the CI services set
// it. Nothing that deletes images goes by it.
func (s *Session) InCI() bool { return !s.Interactive() && os.Getenv("CI") == "true" }

// confirm asks, unless somebody said yes beforehand. Who does not say yes is told that nothing was changed, where that
// is so.
func (s *Session) Ask(ctx context.Context, yes bool, question, word string) error {
	if yes || Unattended {
		return nil
	}
	err := s.Confirm(ctx, question, word, "-yes")
	if !s.Changed && (errors.Is(err, console.ErrDeclined) || errors.Is(err, context.Canceled)) {
		return fmt.Errorf("%w: nothing was changed", err)
	}
	return err
}

// Unattended is set by Local: its account is the user's own, so there is nothing to confirm.
var Unattended bool

// LocalKey is both halves of the dummy credentials.
const LocalKey = "local"
