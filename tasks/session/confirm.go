package session

import (
	"context"
	"errors"
	"fmt"
	"os"

	"envoy-proxy-poc/tasks/internal/console"
)

// Local is set by the target local: the AWS account is the user's own, so there is nothing to confirm.
var Local bool

// Ask asks, unless the user said yes beforehand. After any other answer, the error says that nothing was changed.
func (s *Session) Ask(ctx context.Context, yes bool, question, word string) error {
	err := s.AskMidway(ctx, yes, question, word)
	if errors.Is(err, console.ErrDeclined) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: nothing was changed", err)
	}
	return err
}

// AskMidway is [Session.Ask] for a run that has changed something already. The word for an environment that is not the
// default is its name.
func (s *Session) AskMidway(ctx context.Context, yes bool, question, word string) error {
	if yes || Local {
		return nil
	}
	if chosen := s.Settings.Environment; chosen.Given != "" {
		question, word = "Environment "+chosen.Name+": "+question, chosen.Name
	}
	return s.Confirm(ctx, question, word, "-yes")
}

// InCI is whether a deploy goes on without asking: there is no terminal, and CI is exactly true, as the CI services set
// it. It never confirms a deletion.
func (s *Session) InCI() bool { return !s.Interactive() && os.Getenv("CI") == "true" }
