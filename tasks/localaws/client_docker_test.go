package localaws_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// TestDocker has a Docker engine log in, push what it built, pull it and run it.
func TestDocker(t *testing.T) {
	takesLong(t)
	docker, program := engine(t), hello(t)
	clients(t, func(t *testing.T, c *client) {
		ref := c.l.host() + "/app:v1"
		defer c.removeImages(docker)
		c.set("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
		c.file("context/hello", program)
		wantOK(t, os.Chmod(filepath.Join(c.home, "context", "hello"), 0o700))
		c.file("context/Dockerfile", "FROM scratch\nCOPY hello /hello\nENTRYPOINT [\"/hello\"]\n")

		c.refused("no basic auth credentials", docker, "pull", ref)
		c.run(c.l.password(), docker, "login", "--username", "AWS", "--password-stdin", c.l.host())
		c.run("", docker, "build", "--quiet", "--tag", ref, "context")
		c.run("", docker, "push", ref)
		pushed := c.l.described("app", "v1")
		if *pushed.ImageSizeInBytes < 100_000 || !strings.HasSuffix(*pushed.ImageManifestMediaType, "json") || pushed.LastRecordedPullTime != nil {
			t.Errorf("a pushed image is %s of %d bytes, pulled %v", *pushed.ImageManifestMediaType, *pushed.ImageSizeInBytes, pushed.LastRecordedPullTime)
		}

		c.run("", docker, "rmi", ref)
		if said := c.run("", docker, "pull", ref); !strings.Contains(said, *pushed.ImageDigest) {
			t.Errorf("docker pull says %q, want it to name %s", said, *pushed.ImageDigest)
		}
		wantText(t, "what the container says", c.run("", docker, "run", "--rm", "--network", "none", ref), "hello")
		if c.l.described("app", "v1").LastRecordedPullTime == nil {
			t.Error("the pull left no trace")
		}

		c.l.immutable("app")
		c.file("context/Dockerfile", "FROM scratch\nCOPY hello /other\n")
		c.run("", docker, "build", "--quiet", "--tag", ref, "context")
		c.refused("cannot be overwritten because the repository is immutable", docker, "push", ref)
	})
}

// removeImages leaves nothing of the test in the engine.
func (c *client) removeImages(docker string) {
	c.t.Helper()
	ids := c.run("", docker, "images", "--quiet", c.l.host()+"/app") // a line a tag
	for _, id := range slices.Compact(slices.Sorted(strings.FieldsSeq(ids))) {
		c.run("", docker, "rmi", "--force", id)
	}
}

// engine returns a docker that reaches an engine: the first on the PATH may be too new for it.
func engine(t *testing.T) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		docker := filepath.Join(dir, "docker")
		if exec.CommandContext(t.Context(), docker, "version").Run() == nil {
			return docker
		}
	}
	lack(t, "this test runs a Docker engine, and no docker on the PATH reaches one: apt-get install docker.io; dockerd")
	return ""
}

// hello returns a program that runs in an image without anything else.
func hello(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	wantOK(t, os.WriteFile(filepath.Join(dir, "hello.go"), []byte("package main\n\nimport \"os\"\n\nfunc main() { os.Stdout.WriteString(\"hello\") }\n"), 0o600))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", "hello", "hello.go")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building a program: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "hello"))
	wantOK(t, err)
	return string(text)
}

// described returns what DescribeImages says of a tag.
func (l *local) described(repository, tag string) types.ImageDetail {
	l.t.Helper()
	out, err := l.ecr().DescribeImages(l.t.Context(), &ecr.DescribeImagesInput{
		RepositoryName: &repository, ImageIds: []types.ImageIdentifier{{ImageTag: &tag}},
	})
	wantOK(l.t, err)
	return out.ImageDetails[0]
}

func (l *local) immutable(repository string) {
	l.t.Helper()
	_, err := l.ecr().PutImageTagMutability(l.t.Context(), &ecr.PutImageTagMutabilityInput{
		RepositoryName: aws.String(repository), ImageTagMutability: types.ImageTagMutabilityImmutable,
	})
	wantOK(l.t, err)
}
