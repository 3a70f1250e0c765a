package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/terraform"
)

// DeployOptions are the flags of deploy.
type DeployOptions struct {
	Yes         bool // apply without asking
	AllowDelete bool // let a plan through that deletes or replaces a repository
	LockTimeout time.Duration
}

// Deploy makes AWS what the code says: init, plan, ask, apply the plan that was shown; then it logs in and shows the repositories.
func Deploy(ctx context.Context, o DeployOptions) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		if err := s.deploy(ctx, o); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return console.Hint(errors.New("interrupted after the repositories were deployed: not logged in"), "%s", typed("ecr:login"))
		}
		return errors.Join(s.login(ctx), s.status(ctx, StatusOptions{}))
	})
}

func (s *session) deploy(ctx context.Context, o DeployOptions) error {
	d, err := s.ready(ctx, o.LockTimeout)
	if err != nil {
		return err
	}
	if err := d.takeOver(ctx, o.Yes); err != nil {
		return err
	}
	if err := d.init(ctx); err != nil {
		return err
	}
	if err := d.heal(ctx, o.Yes); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "plan")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a plan holds what the state holds
	return d.planAndApply(ctx, filepath.Join(dir, "tfplan"), o)
}

func (d *driver) planAndApply(ctx context.Context, file string, o DeployOptions) error {
	var plan terraform.Plan
	err := d.run(d.Story(), func(tf *terraform.Terraform) (err error) {
		plan, err = tf.Plan(ctx, file)
		return err
	})
	if err != nil || !plan.Changes {
		return err
	}
	if err := refuseDeletes(plan, o.AllowDelete); err != nil {
		return err
	}
	if err := d.confirm(ctx, o.Yes, "Apply this plan?", "yes"); err != nil {
		return err
	}
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Apply(ctx, file) })
}

// refuseDeletes keeps a repository, and with it every image, from going by a mere edit of locals.tf.
func refuseDeletes(plan terraform.Plan, allowed bool) error {
	doomed := plan.Deletes("aws_ecr_repository")
	if len(doomed) == 0 || allowed {
		return nil
	}
	return console.Hint(fmt.Errorf("refusing a plan that deletes or replaces %s", strings.Join(doomed, ", ")),
		"if that is meant, empty it while it is still in locals.tf (%s), then: %s", typed("ecr:cleanup -repo=NAME"), typed("deploy -allowDelete"))
}

// confirm asks, unless somebody said yes beforehand.
func (s *session) confirm(ctx context.Context, yes bool, question, word string) error {
	if yes || unattended {
		return nil
	}
	return s.Confirm(ctx, question, word, "-yes")
}
