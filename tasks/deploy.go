package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// DeployOptions are the flags of deploy.
type DeployOptions struct {
	Yes         bool // apply without asking
	AllowDelete bool // let a plan through that deletes or replaces a repository
	LockTimeout time.Duration
}

// Deploy makes AWS what the code says: init, plan, ask, apply the plan that was shown; then it logs in and shows the repositories.
func Deploy(ctx context.Context, o DeployOptions) error {
	s, err := openState()
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		if err := s.deploy(ctx, o); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return hint.Add(errors.New("interrupted after the repositories were deployed: not logged in"), "%s", typed("ecr:login"))
		}
		return errors.Join(s.login(ctx), s.status(ctx, StatusOptions{}), s.reportRepositories(ctx))
	})
}

func (s *session) deploy(ctx context.Context, o DeployOptions) error {
	o.Yes = o.Yes || s.inCI()
	return s.withTerraform(ctx, "deploy", o.LockTimeout, func(ctx context.Context, d *driver) error {
		if err := d.takeOver(ctx, o.Yes); err != nil {
			return err
		}
		if err := d.init(ctx); err != nil {
			return err
		}
		if err := d.heal(ctx, o.Yes); err != nil {
			return err
		}
		return inPlanFile(func(file string) error { return d.planAndApply(ctx, file, o) })
	})
}

// planAndApply applies the very plan that was shown: Terraform refuses it if the state has moved on meanwhile.
func (d *driver) planAndApply(ctx context.Context, file string, o DeployOptions) error {
	plan, lost, err := d.plan(ctx, file, story)
	if err != nil || !plan.Changes {
		return err
	}
	if err := d.refuseDeletes(lost, o.AllowDelete); err != nil {
		return err
	}
	if err := d.confirm(ctx, o.Yes, "Apply this plan?", "yes"); err != nil {
		return err
	}
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Apply(ctx, file) })
}

// inCI is whether a deploy goes on unasked: where nobody could answer, and CI is exactly true, as the CI services set it.
// Nothing that deletes images goes by it.
func (s *session) inCI() bool { return !s.Interactive() && os.Getenv("CI") == "true" }

// confirm asks, unless somebody said yes beforehand. Who does not say yes is told that nothing was changed, where that is so.
func (s *session) confirm(ctx context.Context, yes bool, question, word string) error {
	if yes || unattended {
		return nil
	}
	err := s.Confirm(ctx, question, word, "-yes")
	if !s.begun && (errors.Is(err, console.ErrDeclined) || errors.Is(err, context.Canceled)) {
		return fmt.Errorf("%w: nothing was changed", err)
	}
	return err
}
