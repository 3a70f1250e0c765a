package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// Plan prints what Deploy would change: a summary, all of Terraform's own words with mage -v, or its events as JSON.
// Without the lock it neither waits for another run nor keeps one out.
func Plan(ctx context.Context, asJSON, lock bool) error {
	return look(ctx, "plan", lock, func(ctx context.Context, s *Stack) error {
		if asJSON {
			return s.planJSON(ctx)
		}
		_, err := s.preview(ctx)
		return err
	})
}

// look runs a target that plans and changes nothing.
func look(ctx context.Context, target string, lock bool, work func(context.Context, *Stack) error) error {
	opened, err := OpenSession()
	if err != nil {
		return err
	}
	return session.WithSignals(ctx, opened.Console, func(ctx context.Context) error {
		s, release, err := open(ctx, opened, target, DefaultLockTimeout, lock)
		if err != nil {
			return err
		}
		defer release()
		s.onlyLooks = true
		if err := s.Init(ctx); err != nil {
			return err
		}
		if err := s.warnAdoptable(ctx); err != nil {
			return err
		}
		return work(ctx, s)
	})
}

func (s *Stack) planJSON(ctx context.Context) error {
	var plan terraform.Plan
	err := s.run(s.Story(), func(tf *terraform.Terraform) (err error) { // an init is not a part of the answer
		plan, err = tf.PlanJSON(ctx, s.Out())
		return err
	})
	if err != nil {
		return err
	}
	lost, err := s.losses(ctx, plan)
	if err != nil {
		return err
	}
	return errors.Join(reportPlan(s.Session, s.target, plan, lost), s.Err())
}

// preview prints what an apply would do as an answer, and changes nothing.
func (s *Stack) preview(ctx context.Context) (terraform.Plan, error) {
	file, remove, err := planFile()
	if err != nil {
		return terraform.Plan{}, err
	}
	defer remove()
	plan, _, err := s.plan(ctx, file, answer)
	if err != nil {
		return terraform.Plan{}, err
	}
	return plan, s.Err()
}

// planFile is a name for a plan file. remove deletes the file: a plan holds what the state holds.
func planFile() (file string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "plan")
	if err != nil {
		return "", nil, hint.Add(fmt.Errorf("making a folder for the plan: %w", err), "set TMPDIR to a folder that you may write")
	}
	return filepath.Join(dir, "tfplan"), func() { _ = os.RemoveAll(dir) }, nil
}

// plan has Terraform plan into a file, and shows the plan to people and to GitHub. lost are the images that are deleted
// with a repository, by its address.
func (s *Stack) plan(ctx context.Context, file string, where audience) (
	plan terraform.Plan, lost map[string]loss, err error,
) {
	s.Say("planning")
	err = s.run(nil, func(tf *terraform.Terraform) (err error) {
		plan, err = tf.Plan(ctx, file)
		return err
	})
	if err != nil {
		return plan, nil, err
	}
	if lost, err = s.losses(ctx, plan); err != nil {
		return plan, nil, err
	}
	if mg.Verbose() {
		err := s.run(where.writer(s.Console), func(tf *terraform.Terraform) error { return tf.Text(ctx, file) })
		if err != nil {
			return plan, lost, err
		}
	}
	for _, warning := range plan.Warnings {
		s.Warn("%s", warning)
	}
	where.lines(s.Console, summary(plan, lost))
	return plan, lost, reportPlan(s.Session, s.target, plan, lost)
}
