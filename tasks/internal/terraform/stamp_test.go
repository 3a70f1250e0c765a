package terraform

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const stampConfig = `terraform {
  backend "local" {}
}

variable "word" {
  type = string
}

output "word" {
  value = var.word
}
`

// An init is skipped when nothing that it depends on has changed, and only then.
func TestPrepareSkipsWhatIsDone(t *testing.T) {
	t.Parallel()
	changes := map[string]struct {
		change func(t *testing.T, o *Options)
		needed bool
	}{
		"nothing":    {func(*testing.T, *Options) {}, false},
		"a variable": {func(_ *testing.T, o *Options) { o.Vars = map[string]string{"word": "two"} }, false},
		"an output in the code": {func(t *testing.T, o *Options) {
			write(t, filepath.Join(o.Dir, "more.tf"), `output "x" { value = 1 }`, 0o600)
		}, false},
		"the endpoint": {func(_ *testing.T, o *Options) { o.Env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566" }, true},
		"an endpoint variable": {
			func(_ *testing.T, o *Options) { o.Env["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1" },
			true,
		},
		"the profile":           {func(_ *testing.T, o *Options) { o.Env["AWS_PROFILE"] = "other" }, false},
		"the AWS configuration": {func(_ *testing.T, o *Options) { o.Env["AWS_CONFIG_FILE"] = "/elsewhere" }, false},
		"the keys": {func(_ *testing.T, o *Options) {
			o.Keys = func(context.Context) (map[string]string, error) {
				return map[string]string{"AWS_ACCESS_KEY_ID": "other"}, nil
			}
		}, false},
		"the backend's settings": {func(t *testing.T, o *Options) {
			o.Backend = map[string]string{"path": filepath.Join(o.Dir, "b.tfstate")}
		}, true},
		"the backend in the code": {func(t *testing.T, o *Options) {
			write(t, filepath.Join(o.Dir, "main.tf"),
				strings.Replace(stampConfig, `"local" {}`, "\"local\" {\n    workspace_dir = \"w\"\n  }", 1), 0o600)
		}, true},
		"a mirror": {func(t *testing.T, o *Options) {
			o.CLIConfig = filepath.Join(o.Dir, "rc")
			write(t, o.CLIConfig, "# x", 0o600)
		}, true},
		"the lock file": {func(t *testing.T,
			o *Options,
		) {
			write(t, filepath.Join(o.Dir, ".terraform.lock.hcl"), "# x", 0o600)
		}, true},
		"a provider that is gone": {func(t *testing.T, o *Options) {
			write(t, filepath.Join(o.Dir, ".terraform.lock.hcl"), "provider \"x/y/z\" {\n  version = \"1.0.0\"\n}\n", 0o600)
		}, true},
		"an init of somebody's": {func(t *testing.T,
			o *Options,
		) {
			write(t, filepath.Join(o.DataDir, "terraform.tfstate"), "{}", 0o600)
		}, true},
		"a folder that is gone": {func(t *testing.T, o *Options) { must(t, os.RemoveAll(o.DataDir)) }, true},
	}
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			dir := realDir(t, stampConfig)
			o := realOptions(t, dir, "one", &watched{})
			tf := New(o)
			must(t, tf.Prepare(t.Context()))
			test.change(t, &o)
			if got := !New(o).prepared(); got != test.needed {
				t.Errorf("an init is needed: %v, want %v", got, test.needed)
			}
		})
	}
}

// A data folder that is not what its stamp promises is made anew, once, and the command goes on.
func TestCommandThatWantsAnInitHasIt(t *testing.T) {
	t.Parallel()
	dir, out := realDir(t, stampConfig), &watched{}
	tf := realTerraform(t, dir, "one", out)
	must(t, tf.Prepare(t.Context()))
	must(t, os.Remove(filepath.Join(tf.options.DataDir, "terraform.tfstate")))
	plan, err := tf.Plan(t.Context(), filepath.Join(dir, "x.tfplan"))
	if err != nil || !plan.Changes {
		t.Errorf("Plan = %+v, %v, want it to initialise and go on", plan, err)
	}
	if n := strings.Count(out.String(), "Terraform has been successfully initialized!"); n != 2 {
		t.Errorf("initialised %d times, want 2:\n%s", n, out)
	}
	if !tf.prepared() {
		t.Error("the folder is not prepared after that")
	}
}

// An init that fails leaves no stamp of the one before.
func TestFailedInitLeavesNoStamp(t *testing.T) {
	t.Parallel()
	tf, _ := fake(t, "quick", Options{})
	must(t, tf.Prepare(t.Context()))
	if !tf.prepared() {
		t.Fatal("not prepared after an init")
	}
	tf.env["FAKE_MODE"], tf.env["FAKE_STDERR"] = "stderr", "Error: no"
	if err := tf.Init(t.Context()); err == nil {
		t.Fatal("Init = nil, want a failure")
	}
	if tf.prepared() {
		t.Error("prepared after an init that failed")
	}
}

// A run that has the folder for itself keeps others out until it is over, however many commands it runs.
func TestOccupiedFolderIsOnesOwn(t *testing.T) {
	t.Parallel()
	tf, _ := fake(t, "quick", Options{})
	release, err := tf.Occupy(t.Context())
	must(t, err)
	o := tf.options
	o.Occupied = true
	mine := New(o)
	must(t, mine.Apply(t.Context(), "x"))
	waiting := &watched{}
	o.Occupied, o.Stderr = false, waiting
	theirs := New(o)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := theirs.Apply(ctx, "x"); err == nil {
		t.Error("another run got at the folder")
	}
	waiting.waitFor(t, "waiting for another terraform in ")
	release()
	must(t, theirs.Apply(t.Context(), "x"))
}

func TestInitBlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.tf"), "locals { a = 1 }\nterraform {\n  required_version = \"1\"\n}\nmodule \"m\" {}\n",
		0o600)
	write(t, filepath.Join(dir, "broken.tf"), "resource {", 0o600)
	write(t, filepath.Join(dir, "c.tf.json"), `{"terraform": {}}`, 0o600)
	write(t, filepath.Join(dir, "notes.txt"), "terraform {}", 0o600)
	got, err := blocksIn(dir, "terraform", "module")
	want := []string{"terraform {\n  required_version = \"1\"\n}", `module "m" {}`, "resource {", `{"terraform": {}}`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("initBlocks = %q, %v, want %q", got, err, want)
	}
}
