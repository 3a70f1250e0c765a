package tasks

import (
	"context"
	"errors"
	"fmt"

	"envoy-proxy-poc/tasks/internal/hint"
)

// ShipOptions are the flags of ship.
type ShipOptions struct {
	Deploy DeployOptions
	Push   PushOptions
}

// Ship is deploy and push:all at once: the images build while Terraform runs. Only when both went well are the images pushed.
// It answers as push does; what the repositories hold is ecr:status's answer.
func Ship(ctx context.Context, o ShipOptions) error {
	s, err := openState()
	if err != nil {
		return err
	}
	p, err := s.plannedPush(ctx, o.Push)
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		// Repositories may be missing yet; of those that are there, a push that is bound to fail is known now.
		if err := p.preflight(ctx, true); err != nil {
			return err
		}
		if err := p.deployAndBuild(ctx, o.Deploy); err != nil {
			return err
		}
		return errors.Join(s.login(ctx), p.shipped(ctx), s.reportRepositories(ctx))
	})
}

// deployAndBuild waits for both, whichever fails: Terraform is not stopped because a program does not compile.
func (p *plannedPush) deployAndBuild(ctx context.Context, o DeployOptions) error {
	building, stop := context.WithCancel(ctx)
	defer stop()
	built := make(chan error, 1)
	go func() { built <- p.build(building) }()
	deployErr := p.deploy(ctx, o)
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
		return hint.Add(fmt.Errorf("the repositories are deployed, nothing was pushed: %w", buildErr), "mend it, then: %s", typed("push:all"))
	}
	return ctx.Err()
}

// shipped pushes to the repositories that are there now.
func (p *plannedPush) shipped(ctx context.Context) error {
	if err := p.reachAll(ctx, false); err != nil {
		return err
	}
	return p.send(ctx)
}
