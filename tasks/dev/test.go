// Package dev has the targets of those who work on this project: test, check and bench.
package dev

import (
	"context"
	"fmt"

	"envoy-proxy-poc/tasks/session"
)

// Test runs `go test ./...`, which holds every test that needs no browser: the mechanisms', the programs', Terraform's
// own, and the stories of a user, played by the compiled menu; short leaves out those that take long. Results of an
// earlier run are not reused: the stories read files that the test cache does not know of.
func Test(ctx context.Context, short bool) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	return runTests(ctx, p, short)
}

func runTests(ctx context.Context, p *session.Project, short bool) error {
	args := []string{"test", "-count=1", "-timeout=75m", fmt.Sprintf("-short=%t", short), "./..."}
	if err := p.Run(ctx, p.Out(), "go", args...); err != nil {
		return fmt.Errorf("running the tests: %w", err)
	}
	return nil
}
