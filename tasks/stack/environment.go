package stack

import (
	"context"
	"os"

	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// Environment has the targets after it work on an environment of locals.tf. They read its name from the variable, as
// they would read a user's own. The local AWS is made ready for it.
func Environment(ctx context.Context, name string) error {
	if err := os.Setenv(settings.EnvironmentVariable, name); err != nil {
		return err
	}
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	menu.Command += " env " + name
	if menu.Alone() {
		s.Say("no target follows: %s", menu.Typed("deploy push:all ecr:status"))
	}
	if !session.Local {
		return nil
	}
	if _, err := EnsureBucket(ctx, s, s.Bucket()); err != nil {
		return err
	}
	return ReleaseDeadLock(ctx, s)
}
