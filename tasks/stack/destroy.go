package stack

import (
	"context"

	"envoy-proxy-poc/tasks/internal/terraform"
)

// PlanDestroy has Terraform plan to delete all that the state holds, shows the plan, and calls work with it. apply does
// what the plan says, and nothing else. This run holds the state's lock from before the plan until work ends.
func (s *Stack) PlanDestroy(ctx context.Context, work func(plan terraform.Plan, apply func() error) error) error {
	return s.locked(ctx, func() error {
		s.options.Destroys = true
		return s.withPlan(ctx, s.Story(), s.SayLines,
			func(plan terraform.Plan, _ map[string]loss, apply func() error) error { return work(plan, apply) })
	})
}
