package stack

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// Plan prints what Deploy would change: a summary, all of Terraform's own words with mage -v, or its events as JSON.
func Plan(ctx context.Context, asJSON bool) error {
	return looking(ctx, "plan", func(ctx context.Context, d *Stack) error {
		if !asJSON {
			_, err := d.preview(ctx)
			return err
		}
		return d.planJSON(ctx)
	})
}

func (d *Stack) planJSON(ctx context.Context) error {
	var plan terraform.Plan
	err := d.Run(d.Story(), func(tf *terraform.Terraform) (err error) { // an init that it turns out to need is no answer
		plan, err = tf.PlanJSON(ctx, d.Out())
		return err
	})
	if err != nil {
		return err
	}
	lost, err := d.lost(ctx, plan)
	if err != nil {
		return err
	}
	return errors.Join(reportPlan(d.Session, d.target, plan, lost), d.Err())
}

// looking does something with a Terraform that is ready to plan.
func looking(ctx context.Context, target string, do func(context.Context, *Stack) error) error {
	s, err := OpenState()
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error {
		return WithTerraform(ctx, s, target, DefaultLockTimeout, func(ctx context.Context, d *Stack) error {
			if err := d.Init(ctx); err != nil {
				return err
			}
			if err := d.sayHealing(ctx); err != nil {
				return err
			}
			return do(ctx, d)
		})
	})
}

// preview prints what an apply would do as an answer, and changes nothing.
func (d *Stack) preview(ctx context.Context) (plan terraform.Plan, err error) {
	err = inPlanFile(func(file string) (err error) {
		plan, _, err = d.plan(ctx, file, answer)
		return err
	})
	if err != nil {
		return terraform.Plan{}, err
	}
	return plan, d.Err()
}

// inPlanFile lends the name of a plan file, which is gone afterwards: a plan holds what the state holds.
func inPlanFile(do func(file string) error) error {
	dir, err := os.MkdirTemp("", "plan")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return do(filepath.Join(dir, "tfplan"))
}

// plan has Terraform plan into a file and shows what came of it, to people and to GitHub. lost are the images that go
// with a repository, by its address.
func (d *Stack) plan(ctx context.Context, file string, where audience) (plan terraform.Plan, lost map[string]loss,
	err error) {
	d.Say("planning")
	err = d.Run(nil, func(tf *terraform.Terraform) (err error) {
		plan, err = tf.Plan(ctx, file)
		return err
	})
	if err != nil {
		return plan, nil, err
	}
	if lost, err = d.lost(ctx, plan); err != nil {
		return plan, nil, err
	}
	if mg.Verbose() {
		if err := d.Run(where.writer(d.Console),
			func(tf *terraform.Terraform) error { return tf.Text(ctx, file) }); err != nil {
			return plan, lost, err
		}
	}
	for _, warning := range plan.Warnings {
		d.Warn("%s", warning)
	}
	where.lines(d.Console, summary(plan, lost))
	return plan, lost, reportPlan(d.Session, d.target, plan, lost)
}
