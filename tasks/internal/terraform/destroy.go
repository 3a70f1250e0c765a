package terraform

import (
	"context"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Destroy removes everything the state knows of. It does not ask. What terraform says is streamed but for its plan.
func (t *Terraform) Destroy(ctx context.Context) error {
	options := []tfexec.DestroyOption{t.lockTimeout()}
	for _, v := range t.vars() {
		options = append(options, v)
	}
	return t.run(ctx,
		command{name: "destroy", stdout: withoutPlan(t.options.Stdout),
			call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
				tf.SetStdout(s.out())
				return tf.Destroy(ctx, options...)
			}})
}
