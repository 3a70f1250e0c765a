package dev

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// errSkipped is a check that could not be made here, and why that is no fault of the project.
var errSkipped = errors.New("skipped")

type job = func(context.Context, *session.Project) error

type check struct {
	name string
	run  job
}

// checks in the order of what they cost: a misplaced brace is reported before the tests begin.
var checks = []check{
	{"format", tool("golangci-lint", "fmt", "--diff")},
	{"terraform-fmt", plainTerraform((*terraform.Terraform).CheckFormat)},
	{"tidy", checkTidy},
	{"shellcheck", checkShell},
	{"vet", checkVet},
	{"actionlint", tool("actionlint")},
	{"golangci-lint", tool("golangci-lint", "run", "./...")},
	{"govulncheck", checkVulnerabilities},
	{"terraform-validate", plainTerraform((*terraform.Terraform).Validate)},
	{"tests", func(ctx context.Context, p *session.Project) error { return runTests(ctx, p, false) }},
	{"browser", func(ctx context.Context, p *session.Project) error {
		return run(ctx, p, "go", "-C", browser, "test", "-count=1")
	}},
}

// Check runs everything that CI runs, or only the named checks (a comma list), goes on after a fault, and ends with a
// line for each. The checks must not change the tree. In CI, where the commit to merge is checked out, the tree must
// have no change at all.
func Check(ctx context.Context, only string) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	chosen, err := chosenChecks(only)
	if err != nil {
		return err
	}
	before, err := changedFiles(ctx, p)
	if err != nil {
		return err
	}
	unchanged := func(ctx context.Context, p *session.Project) error { return checkTree(ctx, p, before) }
	return runChecks(ctx, p, append(chosen, check{"clean-tree", unchanged}))
}

func chosenChecks(only string) ([]check, error) {
	if only == "" {
		return slices.Clone(checks), nil
	}
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.name
	}
	var chosen []check
	for name := range strings.SplitSeq(only, ",") {
		i := slices.Index(names, strings.TrimSpace(name))
		if i < 0 {
			return nil, session.Mistake(fmt.Errorf("-only=%s: there is no check %q: want some of %s", only, name,
				strings.Join(names, ",")))
		}
		chosen = append(chosen, checks[i])
	}
	return chosen, nil
}

func runChecks(ctx context.Context, p *session.Project, chosen []check) error {
	var rows [][]string
	failed := 0
	for _, c := range chosen {
		p.Say("check: %s", c.name)
		began := time.Now()
		err := c.run(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		verdict := "ok"
		switch {
		case errors.Is(err, errSkipped):
			verdict = err.Error()
		case err != nil:
			failed++
			verdict = "failed"
			p.Say("%s: %v", c.name, err)
		}
		rows = append(rows, []string{c.name, fmt.Sprintf("%.1f s", time.Since(began).Seconds()), verdict})
	}
	p.Table([]string{"CHECK", "TOOK", "VERDICT"}, rows)
	if failed > 0 {
		return fmt.Errorf("%s failed: see above", console.Count(failed, "check", "checks"))
	}
	return p.Err()
}

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
