package tasks

import (
	"context"
	"os"
	"os/exec"
)

func (s *session) checkTerraformFormat(ctx context.Context) error {
	return s.plainTerraform(ctx, "", "fmt", "-check", "-recursive", "-diff")
}

// checkTerraform validates the configuration against the provider's schema, without a backend and without AWS, in a data
// folder of its own: a real one may belong to a state.
func (s *session) checkTerraform(ctx context.Context) error {
	data, err := os.MkdirTemp("", "validate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if err := s.plainTerraform(ctx, data, "init", "-backend=false", "-input=false", "-lockfile=readonly", "-no-color"); err != nil {
		return err
	}
	return s.plainTerraform(ctx, data, "validate", "-no-color")
}

// plainTerraform runs the terraform that the targets use, but for the state's sake: these commands touch none.
func (s *session) plainTerraform(ctx context.Context, data string, args ...string) error {
	known, err := open(Account{})
	if err != nil {
		return err
	}
	binary, cliConfig, err := known.findTerraform(ctx, environment())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary.Path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.path(terraforms), s.Story(), s.Story()
	cmd.Env = append(os.Environ(), "TF_DATA_DIR="+data, "CHECKPOINT_DISABLE=1")
	if cliConfig != "" {
		cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+cliConfig)
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}
