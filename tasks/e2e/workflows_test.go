package e2e_test

import (
	"errors"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/localaws"
)

// TestWorkflows runs every step of the workflows as GitHub would, with AWS's place taken by a local one, and compares
// what IAM would have been asked with the policies: a job's role allows exactly what the job, and whoever uses the
// role, needs.
func TestWorkflows(t *testing.T) {
	r := newRunner(t)
	r.mage("state:bootstrap")
	r.expose()
	r.mage("state:bootstrap")
	r.wantPolicy("bootstrap.json", "s3:DeleteBucketPolicy "+stateBucket, "s3:GetObject "+stateBucket+"/is-anybody-let-in")

	r.job("ci.yml", "check", "pull_request").want(t, "", "Check")
	plan := r.job("deploy.yml", "plan", "pull_request").want(t, "", "Plan")
	if !strings.Contains(plan.said, "5 to add") {
		t.Errorf("the plan's job says\n%s", plan.said)
	}
	planning := r.take()

	r.job("deploy.yml", "ship", "push").want(t, "", "Ship", "Scan")
	r.job("deploy.yml", "ship", "push").want(t, "", "Ship", "Scan")
	shipping := r.take()

	r.job("deploy.yml", "drift", "schedule").want(t, "", "Drift")
	r.drifts()
	drifted := r.job("deploy.yml", "drift", "schedule").want(t, "Drift", "Drift", "Say that it drifted")
	if drifted.codes["Drift"] != 3 || !strings.Contains(drifted.said, "\n::error title=Drift::") {
		t.Errorf("drift exits %d and its job says\n%s", drifted.codes["Drift"], drifted.said)
	}
	planning = append(planning, r.take()...)
	if err := r.faults.Set(localaws.Fault{Kind: localaws.Expired}); err != nil {
		t.Fatal(err)
	}
	failed := r.job("deploy.yml", "drift", "schedule").want(t, "Drift", "Drift", "Diagnose")
	if failed.codes["Drift"] != 1 || !strings.Contains(failed.said, "fault    credentials") {
		t.Errorf("a drift that cannot be told exits %d and its job says\n%s", failed.codes["Drift"], failed.said)
	}
	if err := r.faults.Set(); err != nil {
		t.Fatal(err)
	}
	r.people(planning, append(shipping, r.take()...))
}

// people do the rest with the same roles, and what no role of a job may do with policies of their own.
func (r *runner) people(planning, shipping []string) {
	r.t.Helper()
	// an image that no index lists: its platform is read from its configuration
	for _, app := range []string{"app", "client"} {
		r.edit("apps/"+app+"/main.go", "package main", "// A lone image.\npackage main")
	}
	r.mage("push:all", "-platform=linux/amd64", "-tag=lone")
	r.take()
	r.changeEverySetting()
	r.mage("plan")
	planning = append(planning, r.take()...)
	r.mage("deploy", "-yes")
	shipping = append(shipping, r.take()...)
	for _, command := range []string{"output", "state:lock", "ecr:status", "ecr:retention", "drift", "doctor"} {
		r.mage(command)
	}
	r.needs(planning)
	r.wantPolicy("plan.json")

	r.mage("push:all", "-sbom", "-platform=linux/amd64", "-tag=v1")
	r.mage("tag:app", "v1", "v2")
	r.mage("ecr:status")
	r.mage("ecr:scan") // nobody has scanned it on push
	r.mage("doctor")
	r.enhance()
	r.edit("apps/app/main.go", "package main", "// Another image.\npackage main")
	r.mage("push:app", "-platform=linux/amd64", "-tag=v3")
	r.mage("ecr:scan", "-wait=1ms")
	r.needs(shipping)
	r.wantPolicy("deploy.json")

	r.mage("ecr:cleanup", "-yes")
	r.mage("destroy", "-yes")
	for _, one := range r.take() { // destroy.json names what it deletes: what the third needs, app's entry has to allow
		r.needs([]string{strings.Replace(one, third, repositories["app"], 1)})
	}
	r.wantPolicy("destroy.json")
}

// enhance turns enhanced scanning on, for no repository.
func (r *runner) enhance() {
	r.t.Helper()
	endpoint, before := r.env["AWS_ENDPOINT_URL"], r.take()
	client := awsecr.New(awsecr.Options{Region: "us-west-2", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	_, err := client.PutRegistryScanningConfiguration(r.t.Context(),
		&awsecr.PutRegistryScanningConfigurationInput{ScanType: types.ScanTypeEnhanced})
	if err != nil {
		r.t.Fatal(err)
	}
	r.take()
	r.needs(before)
}

// drifts changes the repositories behind Terraform's back.
func (r *runner) drifts() {
	r.t.Helper()
	endpoint := r.env["AWS_ENDPOINT_URL"]
	client := awsecr.New(awsecr.Options{Region: "us-west-2", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	before := r.take()
	_, err := client.TagResource(r.t.Context(), &awsecr.TagResourceInput{
		ResourceArn: aws.String("arn:aws:ecr:us-west-2:000000000000:repository/" + repositories["app"]),
		Tags:        []types.Tag{{Key: aws.String("by"), Value: aws.String("hand")}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.take()
	r.needs(before)
}

// expose makes the state bucket one of the days before S3 blocked public access, and disabled ACLs, by itself.
func (r *runner) expose() {
	r.t.Helper()
	endpoint, before := r.env["AWS_ENDPOINT_URL"], r.take()
	client := s3.New(s3.Options{Region: "us-west-2", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	bucket := aws.String(stateBucket)
	_, public := client.DeletePublicAccessBlock(r.t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: bucket})
	_, owned := client.DeleteBucketOwnershipControls(r.t.Context(), &s3.DeleteBucketOwnershipControlsInput{Bucket: bucket})
	_, tagged := client.DeleteBucketTagging(r.t.Context(), &s3.DeleteBucketTaggingInput{Bucket: bucket})
	if err := errors.Join(public, owned, tagged); err != nil {
		r.t.Fatal(err)
	}
	r.take()
	r.needs(before)
}

// needs puts back what was taken.
func (r *runner) needs(needed []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range needed {
		r.needed[one] = true
	}
}

// want checks which of a job's own steps ran, in their order, and which of them failed, "" for none.
func (out *ran) want(t *testing.T, failed string, steps ...string) *ran {
	t.Helper()
	var ran []string
	for _, title := range out.steps {
		if slices.Contains(judged, title) {
			ran = append(ran, title)
		}
	}
	first := ""
	for _, title := range out.steps {
		if out.codes[title] != 0 {
			first = title
			break
		}
	}
	if !slices.Equal(ran, steps) || first != failed {
		t.Fatalf("of %q the steps %q ran and %q failed first, want %q and %q:\n%s", out.steps, ran, first, steps, failed,
			out.said)
	}
	return out
}

// judged are the steps that are not preparation.
var judged = []string{"Check", "Plan", "Ship", "Scan", "Drift", "Say that it drifted", "Diagnose"}

// pinned is an action by its commit, with the release that this is in the comment.
var pinned = regexp.MustCompile(`^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestWorkflowsAreCareful(t *testing.T) {
	files, err := filepath.Glob("../../.github/*/*.yml")
	more, err2 := filepath.Glob("../../.github/actions/*/action.yml")
	files = append(files, more...)
	if err != nil || err2 != nil || len(files) < 4 {
		t.Fatalf("the workflows are %q: %v, %v", files, err, err2)
	}
	for _, file := range files {
		for line := range strings.Lines(read(t, file)) {
			_, uses, found := strings.Cut(strings.TrimSpace(line), "uses: ")
			if found && !strings.HasPrefix(uses, "./") && !pinned.MatchString(uses) {
				t.Errorf("%s: %q is not pinned by a commit with its release behind it", file, uses)
			}
		}
	}
	credentials := map[string]bool{"plan": true, "ship": true, "drift": true} // jobs that AWS lets in
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

// TestStrangersGetNoCredentials runs no step: which event and whose pull request a job is for decides.
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

// TestWorkflowsRunThePinnedTerraform keeps the one version that the action names the one that the suite would install.
func TestWorkflowsRunThePinnedTerraform(t *testing.T) {
	pinned := strings.TrimSpace(read(t, "../../.terraform-version"))
	if action := read(t, "../../.github/actions/prepare/action.yml"); !strings.Contains(action,
		"terraform_version: "+pinned+" ") {
		t.Errorf(".terraform-version is %s, and .github/actions/prepare installs another", pinned)
	}
}
