package dev

import (
	"context"
	"fmt"
	"os"

	"envoy-proxy-poc/tasks/session"
)

// checkTree compares what git sees with what it saw before.
func checkTree(ctx context.Context, p *session.Project, before string) error {
	after, err := changedFiles(ctx, p)
	switch {
	case err != nil:
		return err
	case after != before:
		return fmt.Errorf("the checks changed the tree:\n%s", after)
	case after != "" && os.Getenv("CI") == "true":
		return fmt.Errorf("the tree has changes that are not committed:\n%s", after)
	}
	return nil
}

// changedFiles lists what differs from the last commit, with the files that git does not know.
func changedFiles(ctx context.Context, p *session.Project) (string, error) {
	return git(ctx, p, "status", "--porcelain", "--untracked-files=all")
}

func git(ctx context.Context, p *session.Project, args ...string) (string, error) {
	said, err := p.Capture(ctx, "git", args...)
	if err != nil {
		return "", fmt.Errorf("running git %s: %w", args[0], err)
	}
	return said, nil
}
