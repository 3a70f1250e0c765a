package e2e_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The tests of this file read the workflows and run no step.

// TestWorkflowsAreCareful holds each workflow and action to the rules.
func TestWorkflowsAreCareful(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/workflows/*")
	more, err2 := filepath.Glob(root + "/.github/actions/*/*")
	if err != nil || err2 != nil || len(files) < 2 || len(more) < 1 {
		t.Fatalf("the workflows are %q and %q: %v, %v", files, more, err, err2)
	}
	for _, file := range append(files, more...) {
		for _, fault := range faultsOf(read(t, file)) {
			t.Errorf("%s: %s", file, fault)
		}
	}
}

// careful is a workflow without a fault.
const careful = `
on:
  push:
permissions: {}
jobs:
  job:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read
      id-token: write
    concurrency:
      group: job
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e # v7.0.0
        with:
          cache: false
      - uses: ./.github/actions/aws
        with:
          role: ${{ vars.AWS_DEPLOY_ROLE }}
      - run: mage ship
        env:
          REF: ${{ github.head_ref }}
`

// TestRulesFindWhatBreaksThem breaks each rule once.
func TestRulesFindWhatBreaksThem(t *testing.T) {
	if faults := faultsOf(careful); faults != nil {
		t.Fatalf("the careful workflow has the faults %q", faults)
	}
	for _, test := range []struct{ from, to, want string }{
		{"@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e # v7.0.0", "@v7", "pinned"},
		{" # v7.0.0", "", "pinned"},
		{"- uses: actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e # v7.0.0", "- uses: docker://alpine:3", "pinned"},
		{"run: mage ship", "run: mage ship ${{ github.head_ref }}", "expression"},
		{"run: mage ship", "run: |\n          mage ship ${{ inputs.tag }}", "expression"},
		{"  push:", "  pull_request_target:", "pull_request_target"},
		{"on:\n  push:", "on: [push, workflow_run]", "workflow_run"},
		{"on:\n  push:", "on: issue_comment", "issue_comment"},
		{"permissions: {}", "permissions:\n  contents: read", "all its jobs"},
		{"permissions: {}\n", "", "all its jobs"},
		{"permissions: {}", "permissions: write-all", "cannot unmarshal"},
		{"contents: read", "contents: write", "may map[contents:write"},
		{"      id-token: write\n", "", "may map[contents:read]"},
		{"      - uses: ./.github/actions/aws\n        with:\n          role: ${{ vars.AWS_DEPLOY_ROLE }}\n", "", "may map["},
		{"persist-credentials: false", "persist-credentials: true", "token in .git/config"},
		{"persist-credentials: false", "fetch-depth: 1", "token in .git/config"},
		{"cache: false", "cache: true", "cache"},
		{"cache: false", "go-version: 1.26", "cache"},
		{"setup-go", "cache", "cache"},
		{"setup-go", "cache/restore", "cache"},
		{"cache: false", "cache: false\n          token: ${{ secrets.TOKEN }}", "secret"},
		{"cache: false", "cache: false\n          token: ${{ github.token }}", "secret"},
		{"permissions: {}", "permissions: {}\nenv:\n  TOKEN: ${{ secrets['TOKEN'] }}", "secret"},
		{"runs-on:", "env:\n      TOKEN: ${{ secrets.TOKEN }}\n    runs-on:", "secret"},
		{"runs-on:", "secrets: inherit\n    runs-on:", "secret"},
		{"    timeout-minutes: 5\n", "", "six hours"},
		{"    concurrency:\n      group: job\n", "", "concurrency"},
		{"group: job", "group: job\n      cancel-in-progress: true", "cancelled"},
	} {
		if !strings.Contains(careful, test.from) {
			t.Fatalf("the careful workflow has no %q", test.from)
		}
		found := strings.Join(faultsOf(strings.Replace(careful, test.from, test.to, 1)), "\n")
		if !strings.Contains(found, test.want) {
			t.Errorf("with %q in place of %q the faults are %q, want one with %q", test.to, test.from, found, test.want)
		}
	}
}

// triggers are the events that a workflow may begin with. Others run with this repository's rights on a stranger's
// word: pull_request_target, workflow_run, issue_comment.
var triggers = []string{"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}

// faultsOf are the rules that a workflow or an action breaks.
func faultsOf(text string) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for line := range strings.Lines(text) {
		_, uses, found := strings.Cut(strings.TrimSpace(line), "uses: ")
		if found && !strings.HasPrefix(uses, "./") && !pinned.MatchString(uses) {
			fault("%q is not pinned to a commit with its release in a comment", uses)
		}
	}
	var file struct {
		workflow `yaml:",inline"`
		Runs     struct{ Steps []workflowStep } // of an action, which a job with credentials may use
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return append(faults, err.Error())
	}
	stepFaults(file.Runs.Steps, true, nil, fault)
	if file.Jobs == nil {
		return faults
	}
	for _, event := range file.events() {
		if !slices.Contains(triggers, event) {
			fault("it runs on %s", event)
		}
	}
	if file.Permissions == nil || len(file.Permissions) != 0 {
		fault("it gives all its jobs %v, want permissions: {}", file.Permissions)
	}
	for name, job := range file.Jobs {
		jobFaults(job, func(format string, args ...any) { fault("job "+name+" "+format, args...) })
		stepFaults(job.Steps, job.credentials() != "", []map[string]string{file.Env, job.Env}, fault)
	}
	return faults
}

func jobFaults(job workflowJob, fault func(string, ...any)) {
	want := map[string]string{"contents": "read"}
	role := job.credentials()
	if role != "" {
		want["id-token"] = "write"
	}
	if !maps.Equal(job.Permissions, want) {
		fault("may %v, want %v", job.Permissions, want)
	}
	if job.Uses == "" && job.Timeout == 0 {
		fault("may run for six hours")
	}
	if job.Secrets != nil {
		fault("hands its secrets on")
	}
	if role != "" && job.Concurrency.Group == "" {
		fault("has credentials and no concurrency group")
	}
	if strings.Contains(role, "DEPLOY") && job.Concurrency.Cancel {
		fault("may be cancelled in the middle of an apply")
	}
}

// stepFaults judges steps. around are the environments that they are in.
func stepFaults(steps []workflowStep, credentials bool, around []map[string]string, fault func(string, ...any)) {
	for _, step := range steps {
		action, _, _ := strings.Cut(step.Uses, "@")
		switch {
		case strings.Contains(step.Run, "${{"):
			fault("%s: an expression in a script lets anybody in who can name a branch: pass it in env", step.title())
		case action == "actions/checkout" && step.With["persist-credentials"] != "false":
			fault("%s: it leaves its token in .git/config", step.title())
		case credentials && (strings.HasPrefix(action, "actions/cache") ||
			action == "actions/setup-go" && step.With["cache"] != "false"):
			fault("%s: a cache that jobs without credentials write", step.title())
		}
		if action == "" || strings.HasPrefix(action, "./") {
			continue
		}
		for _, values := range append([]map[string]string{step.Env, step.With}, around...) {
			for _, value := range values {
				if secret.MatchString(value) {
					fault("%s: an action of others gets the secret %s", step.title(), value)
				}
			}
		}
	}
}

// pinned is an action by its commit, with the name of that release in a comment.
var pinned = regexp.MustCompile(`^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// secret is an expression with a secret in it.
var secret = regexp.MustCompile(`\$\{\{.*\b(secrets|github\.token)\b`)

// TestStrangersGetNoCredentials checks which jobs run for an event. A pull request from another repository gets none.
func TestStrangersGetNoCredentials(t *testing.T) {
	for _, test := range []struct {
		event, ref, head string
		want             string // the jobs that run
	}{
		{"pull_request", "refs/pull/1/merge", "owner/repo", "plan"},
		{"pull_request", "refs/pull/1/merge", "stranger/repo", ""},
		{"push", "refs/heads/main", "", "check ship"},
		{"workflow_dispatch", "refs/heads/main", "", "check ship"},
		{"workflow_dispatch", "refs/heads/experiment", "", "check"},
		{"schedule", "refs/heads/main", "", "drift"},
	} {
		known := names{
			"github.event_name": test.event, "github.ref": test.ref, "github.repository": "owner/repo",
			"github.event.pull_request.head.repo.full_name": test.head,
		}
		var run []string
		for name, job := range readWorkflow(t, "deploy.yml").Jobs {
			runs, err := known.holds(job.If, false)
			if err != nil {
				t.Fatal(err)
			}
			if runs {
				run = append(run, name)
			}
		}
		slices.Sort(run)
		if got := strings.Join(run, " "); got != test.want {
			t.Errorf("%s on %s from %q runs %q, want %q", test.event, test.ref, test.head, got, test.want)
		}
	}
}

// TestWorkflowsRunThePinnedTerraform wants no Terraform but the one that the suite installs and verifies: the version
// in .terraform-version. GitHub's ubuntu-24.04 has none.
func TestWorkflowsRunThePinnedTerraform(t *testing.T) {
	for _, name := range []string{"ci.yml", "deploy.yml"} {
		text := read(t, root+"/.github/workflows/"+name)
		found := regexp.MustCompile(`setup-terraform|terraform_version|releases\.hashicorp`).FindString(text)
		if found != "" {
			t.Errorf("%s has %s: the suite installs Terraform", name, found)
		}
		for _, image := range regexp.MustCompile(`runs-on: (.*)`).FindAllStringSubmatch(text, -1) {
			if image[1] != "ubuntu-24.04" {
				t.Errorf("%s runs on %s: does that have a Terraform?", name, image[1])
			}
		}
	}
}
