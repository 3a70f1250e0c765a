package dev

import (
	"context"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

func checkTerraformFormat(ctx context.Context, p *session.Project) error {
	return plainTerraform(ctx, p, (*terraform.Terraform).CheckFormat)
}

func checkTerraform(ctx context.Context, p *session.Project) error {
	return plainTerraform(ctx, p, (*terraform.Terraform).Validate)
}

// plainTerraform does something that needs neither state nor AWS, with the terraform that the targets use.
func plainTerraform(
	ctx context.Context, p *session.Project, do func(*terraform.Terraform, context.Context) error,
) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	env := session.Environment()
	binary, cliConfig, err := stack.FindTerraform(ctx, s, env)
	if err != nil {
		return err
	}
	tf, err := terraform.New(terraform.Options{
		Exec: binary.Path, Dir: p.Path(session.TerraformDir), CLIConfig: cliConfig, Env: env,
		Stdout: p.Story(), Stderr: p.Story(),
	})
	if err != nil {
		return err
	}
	return do(tf, ctx)
}
