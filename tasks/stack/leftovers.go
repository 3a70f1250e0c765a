package stack

import (
	"context"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// DropLeftovers removes from the state the null_resources of the bash scripts: every init would look for their
// provider. The repositories that the scripts made are handled by moved.tf.
func (s *Stack) DropLeftovers(ctx context.Context, yes bool) error {
	if len(s.leftovers) == 0 {
		return nil
	}
	s.Say("the state holds %s of the bash scripts; these targets do their work now", strings.Join(s.leftovers, ", "))
	question := fmt.Sprintf("Drop %s from the state? (nothing in AWS changes)",
		console.Count(len(s.leftovers), "entry", "entries"))
	if err := s.Ask(ctx, yes, question, "yes"); err != nil {
		return err
	}
	s.changed = true
	return s.run(s.Story(), func(tf *terraform.Terraform) error { return tf.Forget(ctx, s.leftovers) })
}
