package terraform

import (
	"context"
	"fmt"
	"maps"
	"os"

	"envoy-proxy-poc/tasks/internal/child"
)

// Validate checks the configuration against its providers' schemas, without a backend, in a data folder of its own.
func (t *Terraform) Validate(ctx context.Context) error {
	data, err := os.MkdirTemp("", "validate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if err := t.plain(ctx, data, "init", "-backend=false", "-input=false", "-lockfile=readonly", "-no-color"); err != nil {
		return err
	}
	return t.plain(ctx, data, "validate", "-no-color")
}

// CheckFormat shows how files differ from what terraform fmt would write; that is an error.
func (t *Terraform) CheckFormat(ctx context.Context) error {
	return t.plain(ctx, t.options.DataDir, "fmt", "-check", "-recursive", "-diff")
}

// plain runs a command that touches no state, with flags that terraform-exec does not have.
func (t *Terraform) plain(ctx context.Context, data string, args ...string) error {
	env := maps.Clone(t.env)
	env["TF_DATA_DIR"] = data
	cmd := child.Command(ctx, assignments(env), t.options.Exec, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.options.Dir, t.options.Stdout, t.options.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running terraform %s: %w", args[0], err)
	}
	return nil
}
