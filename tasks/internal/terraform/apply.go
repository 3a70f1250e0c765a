package terraform

import (
	"context"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Apply does what a plan saved by [Terraform.Plan] says, and nothing else: it asks no questions, and terraform refuses
// a plan that the state has moved on from. It is nil when all of it was done, an interrupt in the meantime or not. What
// terraform says is streamed but for the outputs at its end.
func (t *Terraform) Apply(ctx context.Context, file string) error {
	c := streaming("apply", withoutOutputs(t.options.Stdout), func(ctx context.Context, tf *tfexec.Terraform) error {
		// the variables are in the plan
		return tf.Apply(ctx, tfexec.DirOrPlan(file), tfexec.Lock(!t.options.Locked), t.lockTimeout(),
			tfexec.Reattach(t.provider))
	})
	c.attaches = true
	return t.run(ctx, c)
}
