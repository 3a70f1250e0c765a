package dev

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// linters are the modules below [session.ToolsDir], each named after its program.
var linters = []string{"actionlint", "golangci-lint", "govulncheck"}

func tool(name string, args ...string) job {
	return func(ctx context.Context, p *session.Project) error { return p.Tool(ctx, p.Story(), name, args...) }
}

func run(ctx context.Context, p *session.Project, name string, args ...string) error {
	if err := p.Run(ctx, p.Story(), name, args...); err != nil {
		return fmt.Errorf("running %s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func checkVet(ctx context.Context, p *session.Project) error {
	return errors.Join(run(ctx, p, "go", "vet", "./..."), run(ctx, p, "go", "vet", "-tags", "mage", "."))
}

func checkTidy(ctx context.Context, p *session.Project) error {
	err := errors.Join(run(ctx, p, "go", "mod", "tidy", "-diff"), run(ctx, p, "go", "-C", browser, "mod", "tidy", "-diff"))
	for _, linter := range linters {
		err = errors.Join(err, run(ctx, p, "go", "-C", session.ToolsDir+linter, "mod", "tidy", "-diff"))
	}
	return err
}

// browser is the module that opens the pages in Chromium. Without a browser it skips its tests, and fails in CI.
const browser = ".ci/browser"

// checkShell looks at every shell script of the tree: CI's own, and those that the suite is measured against.
func checkShell(ctx context.Context, p *session.Project) error {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		return skip("shellcheck is not installed")
	}
	scripts, err := git(ctx, p, "ls-files", "--", "*.sh", ".ci/run")
	if err != nil {
		return err
	}
	return run(ctx, p, "shellcheck", strings.Fields(scripts)...)
}

const vulnerabilities = "https://vuln.go.dev"

// checkVulnerabilities is skipped on an air-gapped machine, which does not reach the database.
func checkVulnerabilities(ctx context.Context, p *session.Project) error {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodHead, vulnerabilities+"/index/db.json", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %s cannot be reached", errSkipped, vulnerabilities)
	}
	_ = response.Body.Close()
	return tool("govulncheck", "./...")(ctx, p)
}

// skip is the result of a check that cannot be made here. In CI it is a fault, or the check would never be made.
func skip(why string) error {
	if os.Getenv("CI") == "true" {
		return errors.New(why)
	}
	return fmt.Errorf("%w: %s", errSkipped, why)
}

// plainTerraform does something that needs neither state nor AWS, with the terraform that the targets use.
func plainTerraform(do func(*terraform.Terraform, context.Context) error) job {
	return func(ctx context.Context, p *session.Project) error {
		s, err := session.Open(session.Where{})
		if err != nil {
			return err
		}
		env := session.Environment()
		binary, cliConfig, err := stack.FindTerraform(ctx, s, env)
		if err != nil {
			return err
		}
		return do(terraform.New(terraform.Options{
			Exec: binary.Path, Dir: p.Path(p.TerraformDir()), CLIConfig: cliConfig, Env: env,
			Stdout: p.Story(), Stderr: p.Story(),
		}), ctx)
	}
}
