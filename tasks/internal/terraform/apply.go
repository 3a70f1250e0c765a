package terraform

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Apply does what a plan saved by [Terraform.Plan] says, and nothing else: it asks no questions, and terraform refuses
// a plan that the state has moved on from. It is nil when all of it was done, an interrupt in the meantime or not. What
// terraform says is streamed but for the outputs at its end.
func (t *Terraform) Apply(ctx context.Context, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("finding plan file %q: %w", file, err)
	}
	return t.run(ctx, streaming("apply", withoutOutputs(t.options.Stdout),
		func(ctx context.Context, tf *tfexec.Terraform) error {
			return tf.Apply(ctx, tfexec.DirOrPlan(file), t.lockTimeout()) // the variables are in the plan
		}))
}

// Destroy removes everything the state knows of. It does not ask. What terraform says is streamed but for its plan.
func (t *Terraform) Destroy(ctx context.Context) error {
	options := []tfexec.DestroyOption{t.lockTimeout()}
	for _, v := range t.vars() {
		options = append(options, v)
	}
	return t.run(ctx, streaming("destroy", withoutPlan(t.options.Stdout),
		func(ctx context.Context, tf *tfexec.Terraform) error { return tf.Destroy(ctx, options...) }))
}
