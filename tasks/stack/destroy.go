package stack

import (
	"context"

	"envoy-proxy-poc/tasks/internal/terraform"
)

// PlanDestroy has Terraform plan to delete all that the state holds, shows the plan, and calls work with it. apply does
// what the plan says, and nothing else. This run holds the state's lock from before the plan until work ends.
func (s *Stack) PlanDestroy(ctx context.Context, work func(plan terraform.Plan, apply func() error) error) error {
	file, remove, err := planFile()
	if err != nil {
		return err
	}
	defer remove()
	return s.locked(ctx, func() error {
		s.options.Destroys = true
		plan, _, err := s.plan(ctx, file, story)
		if err != nil {
			return err
		}
		return work(plan, func() error {
			return s.run(s.Story(), func(tf *terraform.Terraform) error { return tf.Apply(ctx, file) })
		})
	})
}
