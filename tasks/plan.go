package tasks

import (
	"context"

	"envoy-proxy-poc/tasks/terraform"
)

// Plan prints what Deploy would change: Terraform's own words, or its events as JSON.
func Plan(ctx context.Context, asJSON bool) error {
	return looking(ctx, func(ctx context.Context, d *driver) error {
		return d.run(d.Out(), func(tf *terraform.Terraform) error {
			if asJSON {
				_, err := tf.PlanJSON(ctx, d.Out())
				return err
			}
			_, err := tf.Plan(ctx, "")
			return err
		})
	})
}

// looking does something with a Terraform that is ready to plan.
func looking(ctx context.Context, do func(context.Context, *driver) error) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		d, err := s.ready(ctx, DefaultLockTimeout)
		if err != nil {
			return err
		}
		if err := d.init(ctx); err != nil {
			return err
		}
		return do(ctx, d)
	})
}
