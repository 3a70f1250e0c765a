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

// plainTerraform is the terraform that the targets use, for what needs neither state nor AWS.
func plainTerraform(
	ctx context.Context, p *session.Project, check func(*terraform.Terraform, context.Context) error,
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
	return check(tf, ctx)
}
