package tasks

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Test runs `go test ./...`, which holds every test there is: the mechanisms', the programs', Terraform's own, and the stories
// that a user would tell, played by the compiled menu. Results of an earlier run are not reused: the stories read files that
// the test cache does not know of.
func Test(ctx context.Context) error {
	s, err := find()
	if err != nil {
		return err
	}
	return s.test(ctx)
}

func (s *session) test(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout=40m", "./...")
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.root, s.Out(), s.Story()
	cmd.Env = withoutMage(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running the tests: %w", err)
	}
	return nil
}

// withoutMage drops what Mage tells its own child, so that a Mage that a test runs starts afresh.
func withoutMage(environ []string) []string {
	var kept []string
	for _, pair := range environ {
		if !strings.HasPrefix(pair, "MAGEFILE_") {
			kept = append(kept, pair)
		}
	}
	return kept
}
