package terraform

import (
	"context"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Output is one output of the configuration: its JSON value and type, and whether it may be shown.
type Output = tfexec.OutputMeta

// Output reads the outputs from the state, by name. Nothing of them is streamed: some are secrets.
func (t *Terraform) Output(ctx context.Context) (outputs map[string]Output, err error) {
	err = t.run(ctx, command{name: "output", call: func(ctx context.Context, tf *tfexec.Terraform, _ *stream) (err error) {
		outputs, err = tf.Output(ctx)
		return err
	}})
	return outputs, err
}
