package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// The tests of this file run the real terraform, on a configuration that needs no provider from anywhere.
const realConfig = `
terraform {
  backend "local" {}
}

variable "word" {
  type = string
}

resource "terraform_data" "kept" {
  input = var.word
}

resource "terraform_data" "replaced" {
  triggers_replace = var.word

  provisioner "local-exec" {
    command = "echo task=$MAGE_TASK args=$TF_CLI_ARGS"
  }
}

output "word" {
  value = var.word
}

output "secret" {
  value     = "hush"
  sensitive = true
}
`

// realBinary is the terraform of the machine's PATH.
func realBinary(t *testing.T) string {
	t.Helper()
	b, err := Find(t.Context(),
		Search{Constraint: ">= 1.10.1, < 2.0.0", Path: os.Getenv("PATH"), Env: map[string]string{"HOME": t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Path
}

// realDir is a folder with a configuration.
func realDir(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.tf"), config, 0o600)
	return dir
}

func realOptions(t *testing.T, dir, word string, out *watched) Options {
	t.Helper()
	return Options{
		Exec: realBinary(t), Dir: dir, DataDir: filepath.Join(dir, "private", "data"),
		Env: map[string]string{
			"PATH": os.Getenv("PATH"), "HOME": t.TempDir(), "TF_CLI_ARGS": "-help",
			"TF_CLI_CONFIG_FILE": "/nowhere/rc", "TF_WORKSPACE": "other",
		},
		Vars:    map[string]string{"word": word},
		Backend: map[string]string{"path": filepath.Join(dir, "the.tfstate")},
		Stdout:  out, Stderr: out,
	}
}

func realTerraform(t *testing.T, dir, word string, out *watched) *Terraform {
	t.Helper()
	tf := New(realOptions(t, dir, word, out))
	return tf
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	dir, out := realDir(t, realConfig), &watched{}
	file := filepath.Join(dir, "x.tfplan")
	tf := realTerraform(t, dir, "one", out)
	must(t, tf.Init(t.Context()))
	plan, err := tf.Plan(t.Context(), file)
	must(t, err)
	want := []Change{
		{Address: "terraform_data.kept", Type: "terraform_data", Action: "create"},
		{Address: "terraform_data.replaced", Type: "terraform_data", Action: "create"},
	}
	if !plan.Changes || !reflect.DeepEqual(plan.Actions, want) || plan.Deletes("terraform_data") != nil {
		t.Errorf("first plan = %+v, want %v", plan, want)
	}
	must(t, tf.Apply(t.Context(), file))
	for _, said := range []string{"Successfully configured the backend", "task=1 args=\n", "Apply complete!"} {
		if !strings.Contains(out.String(), said) {
			t.Errorf("streamed %s\nwant %q in it", out, said)
		}
	}
	if strings.Contains(out.String(), "/nowhere/rc") {
		t.Errorf("streamed %s\nwant no warning of a missing CLI configuration", out)
	}

	plan, err = tf.Plan(t.Context(), file)
	must(t, err)
	if plan.Changes || len(plan.Actions) != 0 {
		t.Errorf("plan after the apply = %+v, want none", plan)
	}
	if strings.Contains(out.String(), "hush") {
		t.Errorf("streamed a secret: %s", out)
	}

	changed := realTerraform(t, dir, "two", out)
	plan, err = changed.Plan(t.Context(), file)
	must(t, err)
	want = []Change{
		{Address: "terraform_data.kept", Type: "terraform_data", Action: "update", Attributes: []Attribute{
			{Path: "input", Old: `"one"`, New: `"two"`}, {Path: "output", Old: `"one"`, New: unknown},
		}},
		{Address: "terraform_data.replaced", Type: "terraform_data", Action: "replace", Attributes: []Attribute{
			{Path: "triggers_replace", Old: `"one"`, New: `"two"`, Replaces: true},
		}},
	}
	if !reflect.DeepEqual(plan.Actions, want) || !slices.Equal(plan.Deletes("terraform_data"),
		[]string{"terraform_data.replaced"}) {
		t.Errorf("second plan = %+v, want %v", plan, want)
	}
	var events bytes.Buffer
	streamed, err := changed.PlanJSON(t.Context(), &events)
	must(t, err)
	for i := range want {
		want[i].Attributes = nil // events do not tell
	}
	if !streamed.Changes || !reflect.DeepEqual(streamed.Actions, want) {
		t.Errorf("streamed plan = %+v, want %v", streamed, want)
	}
	for line := range strings.Lines(events.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not an event: %s", line)
		}
	}

	destroy(t, tf, file)
	if state := pulled(t, tf); !strings.Contains(state, `"resources": []`) {
		t.Errorf("state after destroy = %s", state)
	}
}

// destroy plans to delete everything, and applies that plan.
func destroy(t *testing.T, tf *Terraform, file string) {
	t.Helper()
	tf.options.Destroys = true
	plan, err := tf.Plan(t.Context(), file)
	must(t, err)
	if !plan.Destroys || plan.Deletes("terraform_data") == nil {
		t.Errorf("the destroy plan is %+v", plan)
	}
	must(t, tf.Apply(t.Context(), file))
}

// pulled is the state as it is stored.
func pulled(t *testing.T, tf *Terraform) (state string) {
	t.Helper()
	must(t, tf.run(t.Context(),
		command{name: "state pull", call: func(ctx context.Context, tf *tfexec.Terraform, _ *stream) (err error) {
			state, err = tf.StatePull(ctx)
			return err
		}}))
	return state
}

func TestApplyRefusesAnOldPlan(t *testing.T) {
	t.Parallel()
	dir, out := realDir(t, realConfig), &watched{}
	tf := realTerraform(t, dir, "one", out)
	must(t, tf.Init(t.Context()))
	file := filepath.Join(dir, "x.tfplan")
	_, err := tf.Plan(t.Context(), file)
	must(t, err)
	must(t, tf.Apply(t.Context(), file))
	if err := tf.Apply(t.Context(), file); err == nil || !strings.Contains(out.String(), "Saved plan is stale") {
		t.Errorf("Apply = %v after %s, want a refusal", err, out)
	}
}

// A broken configuration: terraform tells it in an event, and the error repeats it for people.
func TestFailedPlan(t *testing.T) {
	t.Parallel()
	dir, out := realDir(t, realConfig), &watched{}
	tf := realTerraform(t, dir, "one", out)
	must(t, tf.Init(t.Context()))
	write(t, filepath.Join(dir, "more.tf"), `output "x" { value = local.nothing }`, 0o600)
	file := filepath.Join(dir, "x.tfplan")
	_, err := tf.Plan(t.Context(), file)
	want := `terraform plan failed:
Error: Reference to undeclared local value
  on more.tf line 1, in output "x":
    1: output "x" { value = local.nothing }
A local value with the name "nothing" has not been declared.`
	if err == nil || err.Error() != want {
		t.Errorf("Plan = %v, want %s", err, want)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the plan file of a failed plan is there: %v", err)
	}
	if _, err = tf.PlanJSON(t.Context(), io.Discard); err == nil || err.Error() != want {
		t.Errorf("PlanJSON = %v, want the same words", err)
	}
}

// Validate and CheckFormat need neither a backend nor an init, and leave nothing in the folder.
func TestValidateAndCheckFormat(t *testing.T) {
	t.Parallel()
	dir, out := realDir(t, realConfig), &watched{}
	tf := realTerraform(t, dir, "one", out)
	must(t, tf.Validate(t.Context()))
	must(t, tf.CheckFormat(t.Context()))
	if _, err := os.Stat(filepath.Join(dir, ".terraform")); !os.IsNotExist(err) {
		t.Errorf("a data folder is left: %v", err)
	}
	write(t, filepath.Join(dir, "more.tf"), `output  "x" { value = local.nothing }`, 0o600)
	if err := tf.Validate(t.Context()); err == nil || !strings.Contains(out.String(), "undeclared local value") {
		t.Errorf("Validate = %v after %s, want what is wrong", err, out)
	}
	if err := tf.CheckFormat(t.Context()); err == nil || !strings.Contains(out.String(), `+output "x"`) {
		t.Errorf("CheckFormat = %v after %s, want the difference", err, out)
	}
}

// oldState is a state of the bash times, as far as it matters: entries whose provider cannot be had here.
const oldState = `{"version": 4, "terraform_version": "1.11.4", "serial": 7,
  "lineage": "b7a3d2b2-1111-4444-8888-1234567890ab", "outputs": {}, "resources": [
{"mode": "managed", "type": "null_resource", "name": "ecr_cleanup",
  "provider": "provider[\"registry.terraform.io/hashicorp/null\"]",
  "instances": [{"schema_version": 0, "attributes": {"id": "1", "triggers": {"a": "b"}},
  "sensitive_attributes": []}]},
{"mode": "managed", "type": "null_resource", "name": "ecr_login",
  "provider": "provider[\"registry.terraform.io/hashicorp/null\"]",
  "instances": [{"index_key": 0, "schema_version": 0, "attributes": {"id": "2", "triggers": null},
  "sensitive_attributes": []}]},
{"mode": "managed", "type": "terraform_data", "name": "kept",
  "provider": "provider[\"terraform.io/builtin/terraform\"]",
  "instances": [{"schema_version": 0, "attributes": {"id": "3", "input": {"value": "one", "type": "string"},
  "output": {"value": "one", "type": "string"}, "triggers_replace": null},
  "sensitive_attributes": []}]}
], "check_results": null}`

func TestForgetNeedsNoProvider(t *testing.T) {
	t.Parallel()
	dir, out := realDir(t, realConfig), &watched{}
	write(t, filepath.Join(dir, "the.tfstate"), oldState, 0o600)
	o := realOptions(t, dir, "one", out)
	o.CLIConfig = filepath.Join(dir, "cli.tfrc") // as on a machine without the registry: no null provider anywhere
	write(t, o.CLIConfig, `provider_installation { filesystem_mirror { path = "`+t.TempDir()+`" } }`, 0o600)
	tf := New(o)
	if err := tf.Init(t.Context()); !errors.Is(err, ErrProviders) {
		t.Fatalf("Init = %v, want ErrProviders", err)
	}
	must(t, os.RemoveAll(o.DataDir)) // Forget stands on its own
	heard := len(out.String())
	must(t, tf.Forget(t.Context(), []string{"null_resource.ecr_cleanup", "null_resource.ecr_login"}))
	if said := out.String()[heard:]; strings.Contains(said, "Error") || !strings.Contains(said,
		"Removed null_resource.ecr_cleanup") {
		t.Errorf("Forget streamed %s, want what was removed and no error that is none", said)
	}
	must(t, tf.Init(t.Context()))
	state := pulled(t, tf)
	if strings.Contains(state, "null") && strings.Contains(state, "ecr_") || !strings.Contains(state, "kept") {
		t.Errorf("state = %s, want only terraform_data.kept", state)
	}
}

// The real init takes a provider from the mirror that was discovered, whatever the name of its folder.
func TestInitTakesProvidersFromTheMirror(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	hold(t, filepath.Join(root, `a "quoted" müller $folder`), registry+"/example/dummy", "1.0.0")
	dir, out := realDir(t, `terraform {
  required_providers {
    dummy = { source = "example/dummy" }
  }
}`), &watched{}
	p, err := ChooseProviders(ProviderSearch{
		Provider: registry + "/example/dummy", Roots: []string{root},
		Home: t.TempDir(), Dir: dir,
	})
	must(t, err)
	o := realOptions(t, dir, "", out)
	o.Backend, o.Vars = nil, nil
	o.CLIConfig, err = p.Configure(filepath.Join(dir, "new", "cli.tfrc"))
	must(t, err)
	tf := New(o)
	must(t, tf.Init(t.Context()))
	if !strings.Contains(out.String(), "Installed example/dummy v1.0.0") {
		t.Errorf("streamed %s, want the provider of the mirror", out)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An interrupted apply of the real terraform stops in order: the state is written, and the lock is gone.
func TestInterruptedApplyLeavesNoLock(t *testing.T) {
	t.Parallel()
	out := &watched{}
	dir := realDir(t, realConfig+`
resource "terraform_data" "slow" {
  input = terraform_data.kept.id

  provisioner "local-exec" {
    command = "echo under way; exec sleep 60"
  }
}`)
	tf := realTerraform(t, dir, "one", out)
	must(t, tf.Init(t.Context()))
	file := filepath.Join(dir, "x.tfplan")
	_, err := tf.Plan(t.Context(), file)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		out.waitFor(t, "(local-exec): under way")
		cancel()
	}()
	if err := tf.Apply(ctx, file); !errors.Is(err, context.Canceled) {
		t.Fatalf("Apply = %v, want context.Canceled", err)
	}
	if said := out.String(); strings.Count(said, "Interrupt received") != 1 || strings.Contains(said, "Two interrupts") {
		t.Errorf("streamed %s, want one interrupt", said)
	}
	if state := pulled(t, tf); !strings.Contains(state, `"name": "kept"`) {
		t.Errorf("state = %s, want what was made before the interrupt", state)
	}
	destroy(t, tf, file) // would fail on a lock
}

// A mirror of one platform adds what it has; the checksums of the other platforms stay, and what it lacks is an error.
func TestLockProvidersOnlyAdds(t *testing.T) {
	t.Parallel()
	mirrors := MirrorsBelow("/opt")
	if len(mirrors) == 0 {
		t.Skip("there is no mirror below /opt")
	}
	dir := realDir(t, "")
	for _, name := range []string{"terraform.tf", ".terraform.lock.hcl"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "terraform", "04-ecr-repositories", name))
		must(t, err)
		write(t, filepath.Join(dir, name), string(text), 0o600)
	}
	before, err := os.ReadFile(filepath.Join(dir, ".terraform.lock.hcl"))
	must(t, err)
	tf := realTerraform(t, dir, "one", &watched{})
	must(t, tf.LockProviders(t.Context(), hostPlatform(), mirrors[0].Dir))
	if err := tf.LockProviders(t.Context(), "plan9_386", mirrors[0].Dir); err == nil {
		t.Error("no error for a platform that the mirror does not have")
	}
	after, err := os.ReadFile(filepath.Join(dir, ".terraform.lock.hcl"))
	must(t, err)
	if lost := dropped(before, after); len(lost) > 0 {
		t.Errorf("dropped %q", lost)
	}
}
