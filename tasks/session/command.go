package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/child"
)

// Run runs a program in the checkout. Its stdout goes to out, what it says beside that into the story. When ctx ends,
// it gets an interrupt and is waited for.
func (p *Project) Run(ctx context.Context, out io.Writer, name string, args ...string) error {
	cmd := p.command(ctx, name, args)
	cmd.Stdout, cmd.Stderr = out, p.Story()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}

// Capture runs a program in the checkout and returns what it writes to stdout, without the last line's end. Its error
// has what the program wrote to stderr. When ctx ends, the program is killed.
func (p *Project) Capture(ctx context.Context, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := p.command(ctx, name, args)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, time.Second
	err := cmd.Run()
	if said := strings.TrimSpace(stderr.String()); err != nil && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return strings.TrimRight(stdout.String(), "\n"), err
}

// ToolsDir has a module for each tool that the suite runs, which pins its version: their dependencies agree neither with
// those of the suite nor with each other, and only who runs a tool downloads it.
const ToolsDir = ".ci/tools/"

// Tool is [Project.Run] of a tool of [ToolsDir], which go compiles when it is first needed.
func (p *Project) Tool(ctx context.Context, out io.Writer, name string, args ...string) error {
	command := append([]string{"tool", "-modfile=" + ToolsDir + name + "/go.mod", name}, args...)
	if err := p.Run(ctx, out, "go", command...); err != nil {
		return fmt.Errorf("running %s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func (p *Project) command(ctx context.Context, name string, args []string) *exec.Cmd {
	cmd := child.Command(ctx, WithoutMage(os.Environ()), name, args...)
	cmd.Dir = p.Root
	return cmd
}
