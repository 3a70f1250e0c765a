package stack

import (
	"context"
	"time"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// DeployOptions are the flags of deploy.
type DeployOptions struct {
	Yes         bool     // apply without asking
	AllowDelete bool     // let a plan through that deletes or replaces a repository, or takes images that are protected
	InUse       []string // digests of images that a new lifecycle policy must not take; nil for none
	LockTimeout time.Duration
}

// Deploy has Terraform create or update the repositories, after adopting those that an interrupted run left behind.
// It returns what was done.
func Deploy(ctx context.Context, opened *session.Session, o DeployOptions) (done []terraform.Change, err error) {
	o.Yes = o.Yes || opened.InCI() && opened.Settings.Given == ""
	s, release, err := Open(ctx, opened, "deploy", o.LockTimeout)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := s.DropLeftovers(ctx, o.Yes); err != nil {
		return nil, err
	}
	if err := s.Init(ctx); err != nil {
		return nil, err
	}
	if err := s.adopt(ctx, o.Yes); err != nil {
		return nil, err
	}
	err = s.withPlan(ctx, s.Story(), s.SayLines,
		func(plan terraform.Plan, lost map[string]loss, apply func() error) error {
			if done = plan.Actions; !plan.Changes {
				return nil
			}
			if err := refuseDeletes(s.Session, plan, lost, o.AllowDelete); err != nil {
				return err
			}
			if err := s.previewPolicies(ctx, plan, o.InUse, o.AllowDelete); err != nil {
				return err
			}
			if err := s.Ask(ctx, o.Yes, "Apply this plan?", "yes"); err != nil {
				return err
			}
			if err := apply(); err != nil {
				return err
			}
			add, change, destroy := plan.Counts()
			session.Did("resources", "%d added, %d changed, %d destroyed", add, change, destroy)
			return nil
		})
	return done, err
}
