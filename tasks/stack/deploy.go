package stack

import (
	"context"
	"time"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// DeployOptions are the flags of deploy.
type DeployOptions struct {
	Yes         bool // apply without asking
	AllowDelete bool // let a plan through that deletes or replaces a repository
	LockTimeout time.Duration
}

func Deploy(ctx context.Context, s *session.Session, o DeployOptions) error {
	o.Yes = o.Yes || s.InCI()
	return WithTerraform(ctx, s, "deploy", o.LockTimeout, func(ctx context.Context, d *Stack) error {
		if err := d.TakeOver(ctx, o.Yes); err != nil {
			return err
		}
		if err := d.Init(ctx); err != nil {
			return err
		}
		if err := d.heal(ctx, o.Yes); err != nil {
			return err
		}
		return inPlanFile(func(file string) error { return d.planAndApply(ctx, file, o) })
	})
}

// planAndApply applies the very plan that was shown: Terraform refuses it if the state has moved on meanwhile.
func (d *Stack) planAndApply(ctx context.Context, file string, o DeployOptions) error {
	plan, lost, err := d.plan(ctx, file, story)
	if err != nil || !plan.Changes {
		return err
	}
	if err := refuseDeletes(d.Session, lost, o.AllowDelete); err != nil {
		return err
	}
	if err := d.Session.Ask(ctx, o.Yes, "Apply this plan?", "yes"); err != nil {
		return err
	}
	return d.Run(d.Story(), func(tf *terraform.Terraform) error { return tf.Apply(ctx, file) })
}
