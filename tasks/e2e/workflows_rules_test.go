package e2e_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tests of this file read the workflows and run no step.

// pinned is an action by its commit, with the name of that release in a comment.
var pinned = regexp.MustCompile(`^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// TestWorkflowsAreCareful wants pinned actions, and few permissions for each job.
func TestWorkflowsAreCareful(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/*/*.yml")
	more, err2 := filepath.Glob(root + "/.github/actions/*/action.yml")
	files = append(files, more...)
	if err != nil || err2 != nil || len(files) < 4 {
		t.Fatalf("the workflows are %q: %v, %v", files, err, err2)
	}
	for _, file := range files {
		for line := range strings.Lines(read(t, file)) {
			_, uses, found := strings.Cut(strings.TrimSpace(line), "uses: ")
			if found && !strings.HasPrefix(uses, "./") && !pinned.MatchString(uses) {
				t.Errorf("%s: %q is not pinned to a commit with its release in a comment", file, uses)
			}
		}
	}
	credentials := map[string]bool{"plan": true, "ship": true, "drift": true} // jobs with a role in AWS
	for _, name := range []string{"ci.yml", "deploy.yml"} {
		w := readWorkflow(t, name)
		if len(w.Permissions) != 0 {
			t.Errorf("%s gives all its jobs %v", name, w.Permissions)
		}
		for name, job := range w.Jobs {
			want := map[string]string{"contents": "read"}
			if credentials[name] {
				want["id-token"] = "write"
			}
			if !maps.Equal(job.Permissions, want) {
				t.Errorf("job %s may %v, want %v", name, job.Permissions, want)
			}
			if job.Uses == "" && job.Timeout == 0 {
				t.Errorf("job %s may run for six hours", name)
			}
			if credentials[name] && (job.Concurrency.Group == "" || job.Concurrency.Cancel) {
				t.Errorf("job %s, which holds the state's lock, has the concurrency %+v", name, job.Concurrency)
			}
		}
	}
}

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

// TestWorkflowsRunThePinnedTerraform wants the same version in the action as in .terraform-version.
func TestWorkflowsRunThePinnedTerraform(t *testing.T) {
	pinned := strings.TrimSpace(read(t, root+"/.terraform-version"))
	action := read(t, root+"/.github/actions/prepare/action.yml")
	if !strings.Contains(action, "terraform_version: "+pinned+" ") {
		t.Errorf(".terraform-version is %s, and .github/actions/prepare installs another", pinned)
	}
}
