package terraform

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Import enters a resource that exists into the state. It changes nothing of the resource.
func (t *Terraform) Import(ctx context.Context, address, id string) error {
	options := []tfexec.ImportOption{t.lockTimeout()}
	for _, v := range t.vars() {
		options = append(options, v)
	}
	err := t.run(ctx,
		command{name: "import", stdout: t.options.Stdout,
			call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
				tf.SetStdout(s.out())
				return tf.Import(ctx, address, id, options...)
			}})
	if err != nil {
		return fmt.Errorf("importing %q as %s: %w", id, address, err)
	}
	return nil
}
