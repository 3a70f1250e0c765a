package terraform

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Forget drops resources from the state and leaves alone what they stand for. It needs no provider of theirs:
// an init that finds everything but their provider has initialised the backend, and that is all it takes.
func (t *Terraform) Forget(ctx context.Context, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	if err := t.init(ctx, true); err != nil && !errors.Is(err, ErrProviders) {
		return err
	}
	for _, address := range addresses {
		err := t.run(ctx,
			command{name: "state rm", stdout: t.options.Stdout,
				call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
					tf.SetStdout(s.out())
					return tf.StateRm(ctx, address, tfexec.LockTimeout(t.options.LockTimeout.String()))
				}})
		if err != nil {
			return fmt.Errorf("dropping %q from the state: %w", address, err)
		}
	}
	return nil
}
