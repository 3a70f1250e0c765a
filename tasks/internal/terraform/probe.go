package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
)

// probeTimeout is generous: the first start after a download may wait for a virus scanner, or a slow disk.
const probeTimeout = time.Minute

// probe asks a binary for its version. Only stdout is read: terraform puts its warnings on stderr.
func (s Search) probe(ctx context.Context, path string) (*version.Version, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, "version", "-json")
	cmd.Dir = s.Dir
	cmd.Env = s.probeEnv()
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // it only prints: here killing does no harm
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("asking for its version: %w", ctx.Err())
		}
		if said := clean(stderr.String()); said != "" {
			first, _, _ := strings.Cut(said, "\n")
			return nil, fmt.Errorf("asking for its version: %w: %s", err, first)
		}
		return nil, fmt.Errorf("asking for its version: %w", err)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if json.Unmarshal(stdout.Bytes(), &answer) != nil || answer.Version == "" {
		return nil, errors.New("asking for its version: the answer has none")
	}
	v, err := version.NewVersion(answer.Version)
	if err != nil {
		return nil, fmt.Errorf("asking for its version: %w", err)
	}
	return v, nil
}

// probeEnv is the environment terraform will have, so that a version manager answers now what it will do later.
func (s Search) probeEnv() []string {
	env, _ := environment(Options{Env: s.Env, Dir: s.Dir})
	env["PATH"] = s.Path
	return assignments(env)
}
