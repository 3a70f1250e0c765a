package stack

import (
	"context"

	"envoy-proxy-poc/tasks/session"
)

// sayWho tells whom the run works as, and refuses an account that locals.tf does not allow, before anything is started.
func sayWho(ctx context.Context, s *session.Session, target string) error {
	who, err := s.AWS.Identify(ctx)
	if err != nil {
		return err
	}
	if err := s.AWS.Allow(who, target); err != nil {
		return err
	}
	s.Say("%s as %s", who, who.ARN)
	return nil
}
