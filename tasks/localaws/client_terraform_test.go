package localaws_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/localaws"
)

// TestTerraform has the AWS provider create, update, import and destroy a repository with both its policies: testdata/terraform.
// The module's own story is import.txtar, below tasks.
func TestTerraform(t *testing.T) {
	takesLong(t)
	t.Parallel()
	tf := newTerraform(t)
	tf.run("init", "-input=false")
	tf.says("3 added, 0 changed, 0 destroyed", "apply", "-auto-approve")
	made := tf.repository()

	changed := []string{"-auto-approve", "-var=mutability=IMMUTABLE", "-var=days=7", "-var=stage=second"}
	tf.says("1 added, 2 changed, 1 destroyed", "apply", changed...) // the provider replaces a lifecycle policy
	is := tf.repository()
	if is.ImageTagMutability != types.ImageTagMutabilityImmutable || !is.ImageScanningConfiguration.ScanOnPush || !is.CreatedAt.Equal(*made.CreatedAt) {
		t.Errorf("the repository is %s, scanned %v, of %v; want it changed, and made at %v",
			is.ImageTagMutability, is.ImageScanningConfiguration.ScanOnPush, is.CreatedAt, made.CreatedAt)
	}

	wantOK(t, os.Remove(filepath.Join(tf.home, "terraform.tfstate")))
	for _, kind := range []string{"repository", "lifecycle_policy", "repository_policy"} {
		tf.file(kind+".tf", fmt.Sprintf("import {\n  to = aws_ecr_%s.app\n  id = \"team/app\"\n}\n", kind))
	}
	tf.says("3 imported, 0 added, 0 changed, 0 destroyed", "apply", changed...)

	digest := tf.l.push("team/app:v1", image(t), tf.l.login())
	tf.refused("not empty", tf.program, "destroy", "-auto-approve", "-no-color")
	_, err := tf.l.ecr().BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{
		RepositoryName: aws.String("team/app"), ImageIds: []types.ImageIdentifier{{ImageDigest: &digest}},
	})
	wantOK(t, err)
	tf.says("1 destroyed", "destroy", "-auto-approve")
	_, err = tf.l.ecr().DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"team/app"}})
	wantCode(t, err, "RepositoryNotFoundException")
}

// terraformClient is a client with Terraform, and a copy of testdata/terraform.
type terraformClient struct {
	*client
	program string
}

func newTerraform(t *testing.T) *terraformClient {
	t.Helper()
	found, err := terraform.Find(t.Context(), terraform.Search{Constraint: ">= 1.11.0, < 2.0.0", Path: os.Getenv("PATH")})
	if err != nil {
		lack(t, "this test runs terraform: %v", err)
	}
	tf := &terraformClient{newClient(t, localaws.Options{}), found.Path}
	text, err := os.ReadFile(filepath.Join("testdata", "terraform", "main.tf"))
	wantOK(t, err)
	tf.file("main.tf", string(text))
	tf.set("AWS_ENDPOINT_URL", tf.l.url)
	tf.set("CHECKPOINT_DISABLE", "1")
	tf.set("TF_IN_AUTOMATION", "1")
	tf.set("TF_CLI_CONFIG_FILE", tf.providers())
	return tf
}

// providers is the CLI configuration that the tasks would use, of a mirror or the user's own.
func (tf *terraformClient) providers() string {
	tf.t.Helper()
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	home, _ := os.UserHomeDir() // none: then there is no configuration of the user's either
	chosen, err := terraform.ChooseProviders(terraform.ProviderSearch{Env: env, Home: home, Dir: tf.home, Roots: []string{"/opt"}})
	wantOK(tf.t, err)
	config, err := chosen.Configure(filepath.Join(tf.home, "providers.tfrc"))
	wantOK(tf.t, err)
	if config == "" && chosen.Missing == "" {
		config = env["TF_CLI_CONFIG_FILE"]
	}
	return config
}

func (tf *terraformClient) run(command string, args ...string) string {
	tf.t.Helper()
	return tf.client.run("", tf.program, append([]string{command, "-no-color"}, args...)...)
}

// says runs a command whose words have to hold others.
func (tf *terraformClient) says(words, command string, args ...string) {
	tf.t.Helper()
	if said := tf.run(command, args...); !strings.Contains(said, words) {
		tf.t.Errorf("terraform %s says %s\nwant %s", command, said, words)
	}
}

func (tf *terraformClient) repository() types.Repository {
	tf.t.Helper()
	out, err := tf.l.ecr().DescribeRepositories(tf.t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"team/app"}})
	wantOK(tf.t, err)
	return out.Repositories[0]
}
