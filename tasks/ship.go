package tasks

import (
	"context"
	"errors"
	"fmt"

	"envoy-proxy-poc/tasks/images"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/registry"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// ShipOptions are the flags of ship.
type ShipOptions struct {
	Deploy stack.DeployOptions
	Push   images.PushOptions
}

// Ship is deploy and push:all at once: the images build while Terraform runs. They are pushed when both went well. It
// answers as push does, and does not show the repositories.
func Ship(ctx context.Context, o ShipOptions) error {
	s, err := stack.OpenSession()
	if err != nil {
		return err
	}
	p, err := images.PlanPush(ctx, s, o.Push)
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		// Repositories may still be missing. In those that exist, a push that cannot work is found out now.
		if err := p.PreflightExisting(ctx); err != nil {
			return err
		}
		if err := deployAndBuild(ctx, s, p, o.Deploy); err != nil {
			return err
		}
		err := errors.Join(registry.StoreLogin(ctx, s, false), sendAll(ctx, p), registry.SetOutputs(ctx, s))
		registry.WarnLatest(ctx, s)
		return err
	})
}

// deployAndBuild waits for both when one of them fails: Terraform is not stopped because a program does not compile.
func deployAndBuild(ctx context.Context, s *session.Session, p *images.PlannedPush, o stack.DeployOptions) error {
	building, stop := context.WithCancel(ctx)
	defer stop()
	built := make(chan error, 1)
	go func() { built <- p.Build(building) }()
	_, deployErr := stack.Deploy(ctx, s, o)
	if deployErr != nil {
		stop()
	}
	buildErr := <-built
	switch {
	case deployErr != nil && buildErr != nil && !errors.Is(buildErr, context.Canceled):
		return fmt.Errorf("nothing was pushed: %w", errors.Join(deployErr, buildErr))
	case deployErr != nil:
		return fmt.Errorf("nothing was pushed: %w", deployErr)
	case buildErr != nil:
		err := fmt.Errorf("the repositories are deployed, nothing was pushed: %w", buildErr)
		return hint.Add(err, "fix it, then: %s", menu.Typed("push:all"))
	}
	return ctx.Err()
}

// sendAll pushes the built images to the repositories, which exist by now.
func sendAll(ctx context.Context, p *images.PlannedPush) error {
	p.Say("")
	if err := p.Connect(ctx); err != nil {
		return err
	}
	return p.Send(ctx)
}
