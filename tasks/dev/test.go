package dev

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"envoy-proxy-poc/tasks/session"
)

// Test runs `go test ./...`, which holds every test there is: the mechanisms', the programs', Terraform's own, and the
// stories that a user would tell, played by the compiled menu. Results of an earlier run are not reused: the stories
// read files that the test cache does not know of.
func Test(ctx context.Context) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	return runTests(ctx, p)
}

func runTests(ctx context.Context, p *session.Project) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout=40m", "./...")
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.Root, p.Out(), p.Story()
	cmd.Env = session.WithoutMage(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running the tests: %w", err)
	}
	return nil
}
