package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Prepare is [Terraform.Init] unless the last one was for the same configuration and what it made is still there.
func (t *Terraform) Prepare(ctx context.Context) error {
	if t.prepared() {
		return t.confirm()
	}
	return t.Init(ctx)
}

// Init prepares the data folder: backend and providers. It never moves state between backends.
func (t *Terraform) Init(ctx context.Context) error { return t.init(ctx, false) }

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
	if err := t.confirm(); err != nil {
		return err
	}
	return t.stamp()
}

// Initialised is the backend that an init chose, as Terraform keeps it in the data folder for its other commands.
type Initialised struct {
	File   string
	Type   string         // empty where init found no backend: then Terraform keeps the state in a file
	Config map[string]any // every argument of the backend; null where it is not set
}

// confirm has the caller look at the backend of the data folder.
func (t *Terraform) confirm() error {
	if t.options.Confirm == nil {
		return nil
	}
	i := Initialised{File: filepath.Join(t.options.DataDir, "terraform.tfstate")}
	text, err := os.ReadFile(i.File)
	if err == nil {
		err = json.Unmarshal(text, &struct{ Backend *Initialised }{&i})
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading what terraform was initialised for: %w", err)
	}
	return t.options.Confirm(i)
}

func (t *Terraform) again(ctx context.Context) error {
	options := t.options
	options.Occupied = true
	inner := New(options)
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
