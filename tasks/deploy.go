package tasks

import (
	"context"
	"errors"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/registry"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// Deploy makes AWS what the code says: it plans, asks, and applies the plan that was shown. Then it logs in and shows
// the repositories, if no other target follows. inUse is a file that names digests, empty for none.
func Deploy(ctx context.Context, o stack.DeployOptions, inUse string, asJSON bool) error {
	var err error
	if o.InUse, err = registry.ReadInUse(inUse); err != nil {
		return err
	}
	return stack.Run(ctx, func(ctx context.Context, s *session.Session) error {
		done, err := stack.Deploy(ctx, s, o)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			err := errors.New("interrupted after the repositories were deployed: not logged in")
			return hint.Add(err, "%s", menu.Typed("ecr:login"))
		}
		err = errors.Join(registry.StoreLogin(ctx, s, false), registry.SetOutputs(ctx, s))
		if menu.Last() || asJSON { // else the reader sees two tables
			s.Say("")
			status := registry.StatusOptions{Images: registry.DefaultImages(false), JSON: asJSON, Done: done}
			err = errors.Join(err, registry.ShowStatus(ctx, s, status))
		}
		return err
	})
}
