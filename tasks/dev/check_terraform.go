package dev

import (
	"context"
	"os"
	"os/exec"

	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

func checkTerraformFormat(ctx context.Context, p *session.Project) error {
	return plainTerraform(ctx, p, "", "fmt", "-check", "-recursive", "-diff")
}

// checkTerraform validates the configuration against the provider's schema, without a backend and without AWS, in a
// data folder of its own: a real one may belong to a state.
func checkTerraform(ctx context.Context, p *session.Project) error {
	data, err := os.MkdirTemp("", "validate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if err := plainTerraform(ctx, p, data, "init", "-backend=false", "-input=false", "-lockfile=readonly",
		"-no-color"); err != nil {
		return err
	}
	return plainTerraform(ctx, p, data, "validate", "-no-color")
}

// plainTerraform runs the terraform that the targets use, but for the state's sake: these commands touch none.
func plainTerraform(ctx context.Context, p *session.Project, data string, args ...string) error {
	known, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	binary, cliConfig, err := stack.FindTerraform(ctx, known, session.Environment())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary.Path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.Path(session.Terraforms), p.Story(), p.Story()
	cmd.Env = append(os.Environ(), "TF_DATA_DIR="+data, "CHECKPOINT_DISABLE=1")
	if cliConfig != "" {
		cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+cliConfig)
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}
