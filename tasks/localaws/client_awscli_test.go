package localaws_test

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote"

	"envoy-proxy-poc/tasks/localaws"
)

// TestAWSCLI has the AWS CLI, which is made of the Python SDK, do what a day with ECR takes, and call S3 and STS.
func TestAWSCLI(t *testing.T) {
	takesLong(t)
	t.Parallel()
	c := newCLI(t)
	wantText(t, "the account", c.aws("sts", "get-caller-identity", "--query", "Account"), "000000000000")
	wantText(t, "the URI", c.aws("ecr", "create-repository", "--repository-name", "app", "--tags", "Key=team,Value=blue",
		"--image-tag-mutability", "IMMUTABLE", "--query", "repository.repositoryUri"), c.l.host()+"/app")
	c.refusedByAWS("RepositoryAlreadyExistsException", "ecr", "create-repository", "--repository-name", "app")

	wantText(t, "the password", c.aws("ecr", "get-login-password")[:2], "ey")
	index := twoPlatforms(t)
	digest, child := digestOf(t, index), childOf(t, index)
	wantOK(t, remote.WriteIndex(c.l.ref("app:v1"), index, c.l.login()))
	wantText(t, "the image", c.aws("ecr", "describe-images", "--repository-name", "app", "--image-ids", "imageTag=v1",
		"--query", "imageDetails[0].[imageDigest,imageManifestMediaType]"), digest+"\tapplication/vnd.oci.image.index.v1+json")
	wantText(t, "how many there are", c.aws("ecr", "list-images", "--repository-name", "app", "--page-size", "1",
		"--query", "length(imageIds)", "--output", "json"), "3")
	c.refusedByAWS("RepositoryNotEmptyException", "ecr", "delete-repository", "--repository-name", "app")
	wantText(t, "what keeps the child", c.aws("ecr", "batch-delete-image", "--repository-name", "app", "--image-ids", "imageDigest="+child,
		"--query", "failures[].failureCode"), "ImageReferencedByManifestList")
	wantText(t, "what goes", c.aws("ecr", "batch-delete-image", "--repository-name", "app", "--image-ids", "imageDigest="+digest,
		"--query", "imageIds[].imageTag"), "v1")
	c.settings()
	c.aws("ecr", "delete-repository", "--repository-name", "app", "--force")
	c.refusedByAWS("RepositoryNotFoundException", "ecr", "describe-repositories", "--repository-names", "app")
	c.buckets()
}

// settings reads back what it writes: lifecycle, policy, tags, mutability, scanning.
func (c *cli) settings() {
	c.t.Helper()
	app := []string{"--repository-name", "app"}
	on := func(operation string, more ...string) string {
		c.t.Helper()
		return c.aws(append(append([]string{"ecr", operation}, app...), more...)...)
	}
	const rules = `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}`
	on("put-lifecycle-policy", "--lifecycle-policy-text", rules)
	wantText(c.t, "the lifecycle policy", on("get-lifecycle-policy", "--query", "lifecyclePolicyText"), rules)
	on("delete-lifecycle-policy")
	c.refusedByAWS("LifecyclePolicyNotFoundException", "ecr", "get-lifecycle-policy", "--repository-name", "app")

	const policy = `{"Version":"2012-10-17","Statement":[{"Sid":"pull","Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]}`
	on("set-repository-policy", "--policy-text", policy)
	if got := on("get-repository-policy", "--query", "policyText"); !strings.Contains(got, "ecr:BatchGetImage") {
		c.t.Errorf("the policy is %s, want %s", got, policy)
	}

	arn := strings.TrimSpace(on("describe-repositories", "--query", "repositories[0].repositoryArn"))
	c.aws("ecr", "tag-resource", "--resource-arn", arn, "--tags", "Key=stage,Value=test")
	c.aws("ecr", "untag-resource", "--resource-arn", arn, "--tag-keys", "team")
	wantText(c.t, "the tags", c.aws("ecr", "list-tags-for-resource", "--resource-arn", arn, "--query", "tags[].[Key,Value]"), "stage\ttest")

	on("put-image-tag-mutability", "--image-tag-mutability", "MUTABLE")
	on("put-image-scanning-configuration", "--image-scanning-configuration", "scanOnPush=true")
	wantText(c.t, "the repository", on("describe-repositories", "--query",
		"repositories[0].[imageTagMutability,imageScanningConfiguration.scanOnPush,encryptionConfiguration.encryptionType]"), "MUTABLE\tTrue\tAES256")
}

// buckets keeps a file in S3.
func (c *cli) buckets() {
	c.t.Helper()
	c.file("note.txt", "kept\n")
	c.aws("s3", "mb", "s3://notes")
	c.aws("s3", "cp", "note.txt", "s3://notes/a/note.txt")
	wantText(c.t, "the object", c.aws("s3", "cp", "s3://notes/a/note.txt", "-"), "kept")
	wantText(c.t, "the keys", c.aws("s3api", "list-objects-v2", "--bucket", "notes", "--query", "Contents[].Key"), "a/note.txt")
	c.refusedByAWS("BucketNotEmpty", "s3api", "delete-bucket", "--bucket", "notes")
	c.aws("s3", "rb", "--force", "s3://notes")
	c.refusedByAWS("Not Found", "s3api", "head-bucket", "--bucket", "notes")
}

// cli is a client with the AWS CLI.
type cli struct {
	*client
	program string
}

func newCLI(t *testing.T) *cli {
	t.Helper()
	program := need(t, "aws", "awscli")
	c := &cli{newClient(t, localaws.Options{}), program}
	c.set("AWS_PAGER", "")
	return c
}

// args names the address on the command line: versions before 2.13 do not read AWS_ENDPOINT_URL.
func (c *cli) args(args []string) []string {
	return append([]string{"--endpoint-url", c.l.url, "--output", "text"}, args...)
}

func (c *cli) aws(args ...string) string {
	c.t.Helper()
	return c.run("", c.program, c.args(args)...)
}

func (c *cli) refusedByAWS(words string, args ...string) {
	c.t.Helper()
	c.refused(words, c.program, c.args(args)...)
}
