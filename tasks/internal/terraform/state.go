package terraform

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Import enters a resource that exists into the state.
func (t *Terraform) Import(ctx context.Context, address, id string) error {
	options := []tfexec.ImportOption{t.lockTimeout()}
	for _, v := range t.vars() {
		options = append(options, v)
	}
	c := streaming("import", t.options.Stdout, func(ctx context.Context, tf *tfexec.Terraform) error {
		return tf.Import(ctx, address, id, append(options, tfexec.Reattach(t.provider))...)
	})
	c.attaches = true
	if err := t.run(ctx, c); err != nil {
		return fmt.Errorf("importing %q as %s: %w", id, address, err)
	}
	return nil
}

// Forget drops resources from the state and leaves alone what they stand for. It needs no provider of theirs: an init
// that finds everything but a provider has initialised the backend.
func (t *Terraform) Forget(ctx context.Context, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	err := t.init(ctx, true)
	if errors.Is(err, ErrProviders) {
		err = t.confirm()
	}
	if err != nil {
		return err
	}
	for _, address := range addresses {
		err := t.run(ctx, streaming("state rm", t.options.Stdout,
			func(ctx context.Context, tf *tfexec.Terraform) error {
				return tf.StateRm(ctx, address, t.lockTimeout())
			}))
		if err != nil {
			return fmt.Errorf("dropping %q from the state: %w", address, err)
		}
	}
	return nil
}
