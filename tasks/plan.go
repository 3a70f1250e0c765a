package tasks

import (
	"context"

	"envoy-proxy-poc/tasks/terraform"
)

// Plan prints what Deploy would change: Terraform's own words, or its events as JSON.
func Plan(ctx context.Context, asJSON bool) error {
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
		return d.run(s.Out(), func(tf *terraform.Terraform) error {
			if asJSON {
				_, err := tf.PlanJSON(ctx, s.Out())
				return err
			}
			_, err := tf.Plan(ctx, "")
			return err
		})
	})
}
