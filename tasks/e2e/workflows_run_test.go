package e2e_test

import (
	"maps"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"envoy-proxy-poc/tasks/localaws"
)

// runner replaces GitHub's. It runs jobs in a world in which the local AWS, a part of this process, records the
// permissions that AWS would check.
type runner struct {
	t      *testing.T
	world  *world
	names  names
	faults localaws.Faults
	inUse  string // the repository variable IMAGES_IN_USE

	mu     sync.Mutex
	needed map[string]bool // "ACTION RESOURCE", since the last take
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	r := &runner{t: t, world: newWorld(t), needed: map[string]bool{}}
	opened, err := localaws.Open(localaws.Options{
		Dir: filepath.Join(t.TempDir(), "data"), Record: r.record,
		Faults: &r.faults,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(opened)
	t.Cleanup(func() {
		server.Close()
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	maps.Copy(r.world.env, map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "AWS_ENDPOINT_URL": server.URL, "LOCAL_AWS_PORT": "0",
		"TF_PROVIDER_ATTACH": "1", // to be done sooner
	})
	r.world.connect()
	return r
}

func (r *runner) record(p localaws.Permission) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.needed[p.Action+" "+p.Resource] = true
}

// take returns the permissions that were needed since the last take.
func (r *runner) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	needed := slices.Sorted(maps.Keys(r.needed))
	clear(r.needed)
	return needed
}

// ran is the result of a job.
type ran struct {
	steps  []string // the titles of the steps that ran
	codes  map[string]int
	said   string
	failed bool
}

// job runs those steps of a job whose conditions hold, in their order.
func (r *runner) job(workflow, job, event string) *ran {
	r.t.Helper()
	r.names = names{
		"github.event_name": event, "github.ref": "refs/heads/main", "github.repository": "owner/repo", "github.run_id": "1",
		"github.event.pull_request.head.repo.full_name": "owner/repo",
		"vars.AWS_PLAN_ROLE":                            "arn:aws:iam::000000000000:role/plan",
		"vars.AWS_DEPLOY_ROLE":                          "arn:aws:iam::000000000000:role/deploy",
		"vars.AWS_REGION":                               "us-west-2",
		"vars.IMAGES_IN_USE":                            r.inUse,
	}
	is := readWorkflow(r.t, workflow).Jobs[job]
	if is.Steps == nil {
		r.t.Fatalf("%s has no job %s with steps", workflow, job)
	}
	if runs, err := r.names.holds(is.If, false); err != nil || !runs {
		r.t.Fatalf("job %s does not run for event %s: %v", job, event, err)
	}
	out := &ran{codes: map[string]int{}}
	environment := maps.Clone(r.world.env) // a job's settings end with it
	r.steps(out, is.Steps, r.names, environment)
	return out
}

func (r *runner) steps(out *ran, steps []workflowStep, known names, environment map[string]string) {
	r.t.Helper()
	for _, step := range steps {
		runs, err := known.holds(step.If, out.failed)
		if err != nil {
			r.t.Fatal(err)
		}
		if !runs {
			continue
		}
		out.steps = append(out.steps, step.title())
		if step.Uses != "" {
			r.use(out, step, known, environment)
			continue
		}
		code := r.run(out, step, known, environment)
		out.codes[step.title()] = code
		outcome := "success"
		if code != 0 {
			outcome, out.failed = "failure", true
		}
		if step.ID != "" {
			known["steps."+step.ID+".outcome"] = outcome
		}
	}
}

// use replaces an action: the steps of an action of this repository are run, of others the effect is imitated.
func (r *runner) use(out *ran, step workflowStep, known names, environment map[string]string) {
	r.t.Helper()
	with := r.filled(step.With, known)
	action, _, _ := strings.Cut(step.Uses, "@")
	switch action {
	case "actions/checkout":
		if with["persist-credentials"] != "false" {
			r.t.Errorf("the checkout leaves its token in .git/config")
		}
	case "actions/setup-go": // it is on the PATH
	case "actions/upload-artifact":
		if !strings.HasPrefix(read(r.t, filepath.Join(r.world.dir, with["path"])), "<!DOCTYPE html>") {
			r.t.Errorf("the artefact %s is no page", with["name"])
		}
	case "aws-actions/configure-aws-credentials":
		if !strings.HasPrefix(with["role-to-assume"], "arn:aws:iam::") || with["role-session-name"] == "" {
			r.t.Errorf("credentials of %v", with)
		}
		maps.Copy(environment, roleKeys)
		environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"] = with["aws-region"], with["aws-region"]
	default:
		r.composite(out, action, with, known, environment)
	}
}

func (r *runner) composite(out *ran, action string, with map[string]string, known names,
	environment map[string]string,
) {
	r.t.Helper()
	path, ours := strings.CutPrefix(action, "./.github/")
	if !ours {
		r.t.Fatalf("the test knows no action %s", action)
	}
	var composite compositeAction
	readYAML(r.t, &composite, path, "action.yml")
	inside := maps.Clone(known)
	for name := range composite.Inputs {
		inside["inputs."+name] = with[name]
	}
	r.steps(out, composite.Runs.Steps, inside, environment)
}

func (r *runner) filled(with map[string]string, known names) map[string]string {
	r.t.Helper()
	filled := map[string]string{}
	for name, text := range with {
		value, err := known.insert(text)
		if err != nil {
			r.t.Fatal(err)
		}
		filled[name] = value
	}
	return filled
}

// mage runs the compiled menu with a role's credentials, as a person would.
func (r *runner) mage(args ...string) string {
	r.t.Helper()
	cmd := r.world.command(mage, args...)
	cmd.Env = append(cmd.Env, environ(roleKeys)...)
	return r.world.answer(cmd)
}

// roleKeys are the credentials of a role.
var roleKeys = map[string]string{
	"AWS_ACCESS_KEY_ID": "ASIALOCAL", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
}
