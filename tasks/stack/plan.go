package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/console"
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
		return s.withPlan(ctx, s.Out(), s.AnswerLines,
			func(terraform.Plan, map[string]loss, func() error) error { return s.Err() })
	})
}

// look runs a target that plans and changes nothing.
func look(ctx context.Context, target string, lock bool, work func(context.Context, *Stack) error) error {
	return Run(ctx, func(ctx context.Context, opened *session.Session) error {
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

// withPlan has Terraform plan, shows the plan to people and to GitHub, and calls work with it. lost are the images that
// are deleted with a repository, by its address. apply does what the plan says, and nothing else: Terraform refuses it
// if the state has changed since.
func (s *Stack) withPlan(ctx context.Context, out io.Writer, show func([]console.Cell),
	work func(plan terraform.Plan, lost map[string]loss, apply func() error) error,
) error {
	dir, err := os.MkdirTemp("", "plan") // for this user alone: a plan holds what the state holds
	if err == nil {
		defer os.RemoveAll(dir)
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return hint.Add(fmt.Errorf("making a folder for the plan: %w", err), "set TMPDIR to a folder that you may write")
	}
	file := filepath.Join(dir, "tfplan")
	planned := s.Working("planning")
	var plan terraform.Plan
	err = s.run(nil, func(tf *terraform.Terraform) (err error) {
		plan, err = tf.Plan(ctx, file)
		return err
	})
	planned()
	if err != nil {
		return err
	}
	for _, action := range plan.Actions { // the configuration may be edited before the answer to a question
		s.options.Types = append(s.options.Types, action.Type)
	}
	lost, err := s.losses(ctx, plan)
	if err != nil {
		return err
	}
	if mg.Verbose() {
		if err := s.run(out, func(tf *terraform.Terraform) error { return tf.Text(ctx, file) }); err != nil {
			return err
		}
	}
	for _, warning := range plan.Warnings {
		s.Warn("%s", console.Lines(warning))
	}
	if plan.Changes {
		s.Say("")
	}
	show(summary(plan, lost))
	if err := reportPlan(s.Session, s.target, plan, lost); err != nil {
		return err
	}
	return work(plan, lost, func() error {
		s.Say("")
		defer s.Waiting("applying")()
		return s.run(s.Story(), func(tf *terraform.Terraform) error { return tf.Apply(ctx, file) })
	})
}
