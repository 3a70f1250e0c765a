package image

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/localaws"
)

// anyDocker is a docker that reaches an engine: the first on the PATH may be too new for it.
func anyDocker(t *testing.T) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		command := filepath.Join(dir, "docker")
		if exec.Command(command, "version").Run() == nil {
			return command
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no docker on the PATH reaches an engine, and in CI nothing may be missing")
	}
	t.Skip("no docker on the PATH reaches an engine")
	return ""
}

// TestPushedImageRuns pulls the server that was built natively and pushed with an engine that knows nothing of this project,
// runs it as it would run in a cluster, with a root file system that cannot be written, and asks how it is.
func TestPushedImageRuns(t *testing.T) {
	docker := anyDocker(t)
	w := newWorld(t, localaws.Options{})
	mods, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	built, err := Build(t.Context(), Source{
		Apps: []string{"app"}, Root: "../..", Env: append(os.Environ(), "GOMODCACHE="+strings.TrimSpace(string(mods))), Revision: revision,
	})
	if err != nil {
		t.Fatal(err)
	}
	results, err := Push(t.Context(), []Job{{To: w.dial(t, "team/app"), Image: built[0], Tags: tags}})
	if err != nil {
		t.Fatal(err)
	}
	(&dockerWorld{docker: docker}).isHealthy(t, w, results[0].Reference)
}
