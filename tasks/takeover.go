package tasks

import (
	"context"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/state"
	"envoy-proxy-poc/tasks/terraform"
)

// takeOver drops what the bash times left in the state: null_resources whose provider every init would look for.
// The repositories of those times are taken over by moved.tf.
func (d *driver) takeOver(ctx context.Context, yes bool) error {
	client, err := d.s3(ctx)
	if err != nil {
		return err
	}
	raw, err := state.Read(ctx, client, d.bucket(), d.Backend.Key)
	if err != nil {
		return err
	}
	old, err := terraform.Leftovers(raw)
	if err != nil || len(old) == 0 {
		return err
	}
	d.Say("the state holds %s of the bash scripts; these targets do their work now", strings.Join(old, ", "))
	question := fmt.Sprintf("Drop %d entries from the state? (nothing in AWS changes)", len(old))
	if err := d.confirm(ctx, yes, question, "yes"); err != nil {
		return err
	}
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Forget(ctx, old) })
}
