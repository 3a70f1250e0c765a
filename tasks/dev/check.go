package dev

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/session"
)

// tools is where the linters' versions stand, a module each: apart from what the suite itself is made of, and from each
// other's dependencies, which do not agree.
const tools = ".ci/tools/"

// linters are the programs of these modules.
var linters = []string{"actionlint", "golangci-lint", "govulncheck"}

// errSkipped is a check that could not be made here, and why that is no fault of the project.
var errSkipped = errors.New("skipped")

// check is one thing that has to be right before a change is done.
type check struct {
	name string
	run  func(context.Context, *session.Project) error
}

// checks in the order of what they cost: who has a misplaced brace need not wait for the tests.
var checks = []check{
	{"format", tool("golangci-lint", "fmt", "--diff")},
	{"terraform-fmt", checkTerraformFormat},
	{"tidy", checkTidy},
	{"shellcheck", checkShell},
	{"vet", checkVet},
	{"actionlint", tool("actionlint")},
	{"golangci-lint", tool("golangci-lint", "run", "./...")},
	{"govulncheck", checkVulnerabilities},
	{"terraform-validate", checkTerraform},
	{"tests", runTests},
}

// Check runs everything that CI runs, or only the named checks (a comma list), goes on after a fault, and ends with a
// line for each. The tree has to be as it was when all is done, and in CI, which checks out what will be merged,
// without a change from the beginning.
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

// chosenChecks are those that were asked for by name; all, if none was.
func chosenChecks(only string) ([]check, error) {
	if only == "" {
		return slices.Clone(checks), nil
	}
	var names []string
	for _, c := range checks {
		names = append(names, c.name)
	}
	var chosen []check
	for name := range strings.SplitSeq(only, ",") {
		i := slices.Index(names, strings.TrimSpace(name))
		if i < 0 {
			return nil, fmt.Errorf("-only=%s: there is no check %q: want some of %s", only, name, strings.Join(names, ","))
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

// tool is a check by a linter; go compiles it when it is asked for the first time.
func tool(name string, args ...string) func(context.Context, *session.Project) error {
	return func(ctx context.Context, p *session.Project) error {
		return runCommand(ctx, p, "go", append([]string{"tool", "-modfile=" + tools + name + "/go.mod", name}, args...)...)
	}
}

// command runs a program in the project's folder. What it says is part of the story.
func runCommand(ctx context.Context, p *session.Project, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.Root, p.Story(), p.Story()
	cmd.Env = session.WithoutMage(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running %s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func checkVet(ctx context.Context, p *session.Project) error {
	return errors.Join(runCommand(ctx, p, "go", "vet", "./..."), runCommand(ctx, p, "go", "vet", "-tags", "mage", "."))
}

func checkTidy(ctx context.Context, p *session.Project) error {
	err := runCommand(ctx, p, "go", "mod", "tidy", "-diff")
	for _, linter := range linters {
		err = errors.Join(err, runCommand(ctx, p, "go", "-C", tools+linter, "mod", "tidy", "-diff"))
	}
	return err
}

// checkShell reads every shell script of the tree: CI's own, and those that the suite is measured against.
func checkShell(ctx context.Context, p *session.Project) error {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		return skip("shellcheck is not installed")
	}
	scripts, err := runGit(ctx, p, "ls-files", "--", "*.sh", ".ci/run")
	if err != nil {
		return err
	}
	return runCommand(ctx, p, "shellcheck", strings.Fields(scripts)...)
}

// vulnerabilities is where govulncheck's database is.
const vulnerabilities = "https://vuln.go.dev"

// checkVulnerabilities needs a database that an air-gapped machine does not reach.
func checkVulnerabilities(ctx context.Context, p *session.Project) error {
	asking, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(asking, http.MethodHead, vulnerabilities+"/index/db.json", nil)
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

// skip is a check that cannot be made here: in CI that is a fault, because there it would never be made.
func skip(why string) error {
	if os.Getenv("CI") == "true" {
		return errors.New(why)
	}
	return fmt.Errorf("%w: %s", errSkipped, why)
}

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

// changed lists what differs from the last commit, files that git does not know too.
func changedFiles(ctx context.Context, p *session.Project) (string, error) {
	return runGit(ctx, p, "status", "--porcelain", "--untracked-files=all")
}

func runGit(ctx context.Context, p *session.Project, args ...string) (string, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stderr = p.Root, &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("running git %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return string(out), nil
}
