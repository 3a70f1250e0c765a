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

// Ship is deploy and push:all at once: the images build while Terraform runs. Only when both went well are the images
// pushed. It answers as push does; what the repositories hold is ecr:status's answer.
func Ship(ctx context.Context, o ShipOptions) error {
	s, err := stack.OpenState()
	if err != nil {
		return err
	}
	p, err := images.PlanPush(ctx, s, o.Push)
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		// Repositories may be missing yet; of those that are there, a push that is bound to fail is known now.
		if err := p.PreflightExisting(ctx); err != nil {
			return err
		}
		if err := deployAndBuild(ctx, s, p, o.Deploy); err != nil {
			return err
		}
		return errors.Join(registry.StoreLogin(ctx, s), shipped(ctx, p), registry.SetOutputs(ctx, s))
	})
}

// deployAndBuild waits for both, whichever fails: Terraform is not stopped because a program does not compile.
func deployAndBuild(ctx context.Context, s *session.Session, p *images.PlannedPush, o stack.DeployOptions) error {
	building, stop := context.WithCancel(ctx)
	defer stop()
	built := make(chan error, 1)
	go func() { built <- p.Build(building) }()
	deployErr := stack.Deploy(ctx, s, o)
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
		return hint.Add(fmt.Errorf("the repositories are deployed, nothing was pushed: %w", buildErr), "mend it, then: %s",
			menu.Typed("push:all"))
	}
	return ctx.Err()
}

// shipped pushes to the repositories that are there now.
func shipped(ctx context.Context, p *images.PlannedPush) error {
	if err := p.Connect(ctx); err != nil {
		return err
	}
	return p.Send(ctx)
}
