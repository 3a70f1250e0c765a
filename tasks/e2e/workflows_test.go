package e2e_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/localaws"
)

// TestWorkflows runs every step of the workflows as GitHub would, against a local AWS, and compares the permissions
// that were needed with the policies. The policy of a role allows exactly what its job and its other users need.
func TestWorkflows(t *testing.T) {
	takesLong(t)
	t.Parallel()
	r := newRunner(t)
	r.mage("state:bootstrap")
	r.expose()
	r.mage("state:bootstrap")
	r.wantPolicy("bootstrap.json", "s3:DeleteBucketPolicy "+stateBucket, "s3:GetObject "+stateBucket+"/is-anybody-let-in")

	r.job("ci.yml", "check", "pull_request").want(t, "", "Check", "Vulnerabilities")
	if _, err := terraform.OpenMirror(r.world.dir + "/.local/terraform/providers"); err != nil {
		t.Errorf("the tests of job check find no provider: %v", err)
	}
	plan := r.job("deploy.yml", "plan", "pull_request").want(t, "", "Plan")
	if !strings.Contains(plan.said, "5 to add") {
		t.Errorf("the plan's job says\n%s", plan.said)
	}
	planning := r.take()

	r.job("deploy.yml", "ship", "push").want(t, "", "Ship", "Report")
	r.job("deploy.yml", "ship", "push").want(t, "", "Ship", "Report")
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

// people runs the other targets: with the roles of the jobs, and with policies of their own where no job's role
// suffices.
func (r *runner) people(planning, shipping []string) {
	r.t.Helper()
	// an image that no index lists: its platform is read from its configuration
	for _, app := range []string{"app", "client"} {
		r.world.edit("apps/"+app+"/main.go", "package main", "// A lone image.\npackage main")
	}
	r.mage("push:all", "-platform=linux/amd64", "-tag=lone")
	r.take()
	planning = append(planning, r.retains()...)
	r.changeEverySetting()
	r.mage("plan", "-lock=false")
	planning = append(planning, r.take()...)
	r.mage("deploy", "-yes")
	r.world.edit(localsFile, changes["readers"], "[]")
	r.mage("deploy", "-yes")
	r.world.edit(localsFile, "= [] ", "= "+changes["readers"]+" ")
	r.mage("deploy", "-yes")
	shipping = append(shipping, r.take()...)
	for _, command := range []string{"output", "state:lock", "ecr:retention", "doctor"} {
		r.mage(command)
	}
	r.mage("drift", "-lock=false")
	r.needs(planning)
	r.wantPolicy("plan.json")

	r.mage("push:all", "-sbom", "-platform=linux/amd64", "-tag=v1")
	r.mage("tag:app", "v1", "v2")
	r.mage("ecr:status")
	r.mage("ecr:scan") // this image was not scanned when it was pushed
	r.mage("doctor")
	r.enhance()
	r.world.edit("apps/app/main.go", "package main", "// Another image.\npackage main")
	r.mage("push:app", "-platform=linux/amd64", "-tag=v3")
	r.mage("ecr:scan", "-wait=1ms")
	r.needs(shipping)
	r.wantPolicy("deploy.json")

	r.mage("ecr:cleanup", "-untagged", "-dryRun") // a filter reads what the indexes list
	r.mage("ecr:cleanup", "-yes")
	r.mage("destroy", "-yes")
	r.wantPolicy("destroy.json")
}

// retains runs the nightly job where a lifecycle policy is about to delete the image that the owner says is in use: the
// job before last pushed it, and the policy keeps one. It returns the permissions that the job needed.
func (r *runner) retains() []string {
	r.t.Helper()
	app, ctx := aws.String(repositories["app"]), r.t.Context()
	r.beside(func() error {
		latest, err := r.world.ecr.DescribeImages(ctx, &awsecr.DescribeImagesInput{
			RepositoryName: app, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("latest")}},
		})
		if err != nil {
			return err
		}
		r.inUse = "https://registry/app@" + *latest.ImageDetails[0].ImageDigest
		_, err = r.world.ecr.PutLifecyclePolicy(ctx, &awsecr.PutLifecyclePolicyInput{
			RepositoryName: app, LifecyclePolicyText: aws.String(keepsOne),
		})
		return err
	})
	night := r.job("deploy.yml", "drift", "schedule").want(r.t, "Drift", "Drift", "Say that it drifted", "Retention")
	if night.codes["Retention"] != 3 || !strings.Contains(night.said, "images in use are about to go") {
		r.t.Errorf("retention exits %d, and its job says\n%s", night.codes["Retention"], night.said)
	}
	return r.take()
}

// keepsOne is a lifecycle policy.
const keepsOne = `{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan",
	"countNumber": 1}, "action": {"type": "expire"}}]}`

// enhance turns enhanced scanning on, for no repository.
func (r *runner) enhance() {
	r.t.Helper()
	r.beside(func() error {
		_, err := r.world.ecr.PutRegistryScanningConfiguration(r.t.Context(),
			&awsecr.PutRegistryScanningConfigurationInput{ScanType: types.ScanTypeEnhanced})
		return err
	})
}

// drifts changes a repository without Terraform.
func (r *runner) drifts() {
	r.t.Helper()
	r.beside(func() error {
		_, err := r.world.ecr.TagResource(r.t.Context(), &awsecr.TagResourceInput{
			ResourceArn: aws.String("arn:aws:ecr:us-west-2:000000000000:repository/" + repositories["app"]),
			Tags:        []types.Tag{{Key: aws.String("by"), Value: aws.String("hand")}},
		})
		return err
	})
}

// expose makes the state bucket an old one: of the time before S3 blocked public access and disabled ACLs by default.
func (r *runner) expose() {
	r.t.Helper()
	bucket, ctx, client := aws.String(stateBucket), r.t.Context(), r.world.s3
	r.beside(func() error {
		_, public := client.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: bucket})
		_, owned := client.DeleteBucketOwnershipControls(ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: bucket})
		_, tagged := client.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: bucket})
		return errors.Join(public, owned, tagged)
	})
}

// beside calls AWS for the test itself: the permissions of these calls are not recorded.
func (r *runner) beside(call func() error) {
	r.t.Helper()
	before := r.take()
	if err := call(); err != nil {
		r.t.Fatal(err)
	}
	r.take()
	r.needs(before)
}

// needs puts permissions back that were taken.
func (r *runner) needs(needed []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range needed {
		r.needed[one] = true
	}
}

// want checks which of the judged steps ran, in their order, and which step failed first ("" for none).
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

// judged are the steps that do the work of a job; the others prepare it.
var judged = []string{"Check", "Vulnerabilities", "Plan", "Ship", "Drift", "Say that it drifted", "Diagnose", "Retention", "Report"}
