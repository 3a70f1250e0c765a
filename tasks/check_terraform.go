package tasks

import (
	"context"

	"envoy-proxy-poc/tasks/internal/terraform"
)

func (s *session) checkTerraformFormat(ctx context.Context) error {
	return s.plainTerraform(ctx, (*terraform.Terraform).CheckFormat)
}

func (s *session) checkTerraform(ctx context.Context) error {
	return s.plainTerraform(ctx, (*terraform.Terraform).Validate)
}

// plainTerraform is the terraform that the targets use, for what needs neither state nor AWS.
func (s *session) plainTerraform(ctx context.Context, check func(*terraform.Terraform, context.Context) error) error {
	known, err := open(Account{})
	if err != nil {
		return err
	}
	env := environment()
	binary, cliConfig, err := known.findTerraform(ctx, env)
	if err != nil {
		return err
	}
	tf, err := terraform.New(terraform.Options{
		Exec: binary.Path, Dir: s.path(terraforms), CLIConfig: cliConfig, Env: env, Stdout: s.Story(), Stderr: s.Story(),
	})
	if err != nil {
		return err
	}
	return check(tf, ctx)
}
