package settings

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/fs"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Terraform itself is the judge: what this package makes of a local is what `terraform console` makes of it.

func TestRealLocalsAreWhatTerraformEvaluates(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(folder, "locals.tf"))
	if err != nil {
		t.Fatal(err)
	}
	agree(t, string(src))
}

func TestEveryFunctionIsTerraforms(t *testing.T) {
	src, err := os.ReadFile("testdata/functions.tf")
	if err != nil {
		t.Fatal(err)
	}
	for name := range functions {
		if !regexp.MustCompile(`\b` + name + `\(`).Match(src) {
			t.Errorf("testdata/functions.tf does not call %s", name)
		}
	}
	agree(t, string(src))
}

// agree evaluates every local of a file here and with Terraform.
func agree(t *testing.T, src string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "locals.tf")
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	declared := "variable \"environment\" {\n  default = \"\"\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "variables.tf"), []byte(declared), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFile(path)
	scope := newScope(f, "")
	names := scope.inOrder()
	theirs := console(t, dir, names)
	if len(names) == 0 || len(theirs) != len(names) {
		t.Fatalf("Terraform evaluates %d of %d locals", len(theirs), len(names))
	}
	for _, name := range names {
		val, _ := scope.value(name)
		encoded, err := ctyjson.Marshal(val, val.Type())
		if err != nil {
			t.Errorf("local.%s: %v", name, err)
			continue
		}
		var ours any
		if err := json.Unmarshal(encoded, &ours); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(ours, theirs[name]) {
			t.Errorf("local.%s = %v, Terraform says %v", name, ours, theirs[name])
		}
	}
	if err := f.err(); err != nil {
		t.Error(err)
	}
}

func console(t *testing.T, dir string, names []string) map[string]any {
	t.Helper()
	expr := "jsonencode({"
	for _, name := range names {
		expr += name + " = local." + name + ", "
	}
	cmd := exec.CommandContext(t.Context(), terraform(t), "console")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=", "TF_WORKSPACE=",
		"TF_DATA_DIR="+filepath.Join(dir, "data"))
	cmd.Stdin = strings.NewReader(expr + "})\n")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("terraform console: %v\n%s", err, &stderr)
	}
	// The console prints the JSON as a quoted string of HCL, whose escapes are Go's but for template marks.
	text, err := strconv.Unquote(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatalf("terraform console printed %q: %v\n%s", out, err, &stderr)
	}
	values := map[string]any{}
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// terraform is the binary of the PATH, or one from releases.hashicorp.com where there is none.
func terraform(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	path, err := install.NewInstaller().Ensure(ctx, []src.Source{
		&fs.Version{Product: product.Terraform, Constraints: version.MustConstraints(version.NewConstraint(">= 1.11.0"))},
		&releases.LatestVersion{Product: product.Terraform, InstallDir: t.TempDir(), Timeout: 5 * time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}
