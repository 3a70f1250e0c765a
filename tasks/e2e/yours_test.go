package e2e_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inCopy replaces the last step of docs/yours.md, which takes minutes: the tests of the packages that read names of the
// tree. The other packages' tests bring all that they need.
const inCopy = "go test -short ./apps/... ./tasks ./tasks/doctor ./tasks/e2e ./tasks/internal/settings ./tasks/rights"

// TestYours makes a copy of the tree somebody else's project by the steps of docs/yours.md. Nothing of the old names is
// left in it, its three images are pushed, and its tests pass.
func TestYours(t *testing.T) {
	takesLong(t)
	t.Parallel()
	switch reached, err := condition("docker"); {
	case err != nil:
		t.Fatal(err)
	case !reached:
		t.Skip("docker reaches no engine")
	}
	w := &world{t: t, dir: t.TempDir(), home: t.TempDir(), env: maps.Clone(kept)}
	maps.Copy(w.env, map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": w.home, "DOCKER_HOST": os.Getenv("DOCKER_HOST"), "LOCAL_AWS_PORT": "0",
		"GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "n@example.com",
		"GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "n@example.com",
	})
	trim, value, _ := strings.Cut(trimmed, "=")
	w.env[trim] = value
	listed := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	listed.Dir = root
	files, err := listed.Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.SplitSeq(strings.Trim(string(files), "\x00"), "\x00") {
		from, to := filepath.Join(root, file), filepath.Join(w.dir, file)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := copyTree(from, to); err != nil {
			t.Fatal(err)
		}
	}
	var steps strings.Builder
	for _, section := range sections(read(t, root+"/docs/yours.md")) {
		for _, block := range section.blocks {
			steps.WriteString(block)
		}
	}
	script := strings.ReplaceAll(steps.String(), "go tool mage test -short", inCopy)
	if script == steps.String() {
		t.Error("the steps do not end with the tests")
	}
	said, err := w.try("bash", "-euxo", "pipefail", "-c", script)
	if err != nil || strings.Count(said, "@sha256:") < 3 {
		t.Fatalf("%v\n%s", err, said)
	}
	if left, err := w.try("git", "grep", "-n", "-e", "envoy-proxy-poc", "-e", "cfndev", "-e", "04-ecr-"); err == nil {
		t.Errorf("the old names are left in\n%s", left)
	}
	for _, key := range []string{"app", "hello", "static"} {
		for _, file := range []string{"plan", "deploy", "destroy"} {
			if !strings.Contains(read(t, filepath.Join(w.dir, ".github/iam", file+".json")), "repository/dev-shop-"+key+`"`) {
				t.Errorf("%s.json does not name the repository of %s", file, key)
			}
		}
	}
}
