package terraform

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Prepare is [Terraform.Init] where it is needed: not when the last one was for the same terraform, configuration,
// backend and endpoint, and what it made is still there.
func (t *Terraform) Prepare(ctx context.Context) error {
	if t.prepared() {
		return nil
	}
	return t.Init(ctx)
}

// Init prepares the data folder: backend and providers. It never moves state between backends; a backend that is not
// the one of the last time is simply used from now on.
func (t *Terraform) Init(ctx context.Context) error {
	return t.init(ctx, false)
}

func (t *Terraform) init(ctx context.Context, quiet bool) error {
	c := streaming("init", t.options.Stdout,
		func(ctx context.Context, tf *tfexec.Terraform) error { return tf.Init(ctx, t.initOptions()...) })
	c.quiet, c.askVersion = quiet, true
	if quiet {
		c.stdout = nil
	}
	if err := t.unstamp(); err != nil {
		return err
	}
	if err := t.run(ctx, c); err != nil {
		return err
	}
	return t.stamp()
}

// again is the init after a command that wanted one. The folder is occupied already.
func (t *Terraform) again(ctx context.Context) error {
	options := t.options
	options.Occupied = true
	inner, err := New(options)
	if err != nil {
		return err
	}
	inner.signals = t.signals
	return inner.Init(ctx)
}

func (t *Terraform) initOptions() []tfexec.InitOption {
	options := []tfexec.InitOption{tfexec.Reconfigure(true)}
	for _, setting := range assignments(t.options.Backend) {
		options = append(options, tfexec.BackendConfig(setting))
	}
	return options
}

// assignments are the pairs as name=value, sorted.
func assignments(values map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+"="+values[name])
	}
	return list
}

func (t *Terraform) vars() []*tfexec.VarOption {
	var list []*tfexec.VarOption
	for _, v := range assignments(t.options.Vars) {
		list = append(list, tfexec.Var(v))
	}
	return list
}

func (t *Terraform) lockTimeout() *tfexec.LockTimeoutOption {
	return tfexec.LockTimeout(t.options.LockTimeout.String())
}
