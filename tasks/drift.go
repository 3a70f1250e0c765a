package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/terraform"
)

// refused is the exit code of a gate that said no: neither a failure nor a command line that was not understood.
const refused = 3

// Drift shows what Deploy would change, and exits 0 when that is nothing, 3 when it is something, 1 when it cannot be told.
func Drift(ctx context.Context) error {
	return looking(ctx, func(ctx context.Context, d *driver) error {
		var plan terraform.Plan
		err := d.run(d.Out(), func(tf *terraform.Terraform) (err error) {
			plan, err = tf.Plan(ctx, "")
			return err
		})
		if err := errors.Join(err, tellStep("changes", plan.Changes)); err != nil || !plan.Changes {
			return err
		}
		// Outermost: Mage reads the exit code of nothing that is wrapped.
		return mg.Fatal(refused, console.Hint(errors.New("AWS is not as the code says"), "make it so: %s", typed("deploy")))
	})
}

// tellStep gives the later steps of a GitHub job a value, where this is one.
func tellStep(name string, value bool) error {
	path := os.Getenv("GITHUB_OUTPUT")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s=%t\n", name, value)
	return errors.Join(err, file.Close())
}
