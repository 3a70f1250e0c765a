package stack

import (
	"context"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// TakeOver drops what the bash times left in the state: null_resources whose provider every init would look for.
// The repositories of those times are taken over by moved.tf.
func (d *Stack) TakeOver(ctx context.Context, yes bool) error {
	if len(d.old) == 0 {
		return nil
	}
	d.Say("the state holds %s of the bash scripts; these targets do their work now", strings.Join(d.old, ", "))
	question := fmt.Sprintf("Drop %s from the state? (nothing in AWS changes)",
		console.Count(len(d.old), "entry", "entries"))
	if err := d.Session.Ask(ctx, yes, question, "yes"); err != nil {
		return err
	}
	d.Session.Changed = true
	return d.Run(d.Story(), func(tf *terraform.Terraform) error { return tf.Forget(ctx, d.old) })
}
