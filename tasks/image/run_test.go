package image

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	t.Skip("no docker on the PATH reaches an engine")
	return ""
}

// TestPushedImageRuns pulls the server that was built natively and pushed with an engine that knows nothing of this project,
// runs it as it would run in a cluster, with a root file system that cannot be written, and asks how it is.
func TestPushedImageRuns(t *testing.T) {
	docker := anyDocker(t)
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(docker, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
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
	password, _, err := w.token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := t.TempDir()
	auths := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, w.registry, password.Auth)
	if err := os.WriteFile(filepath.Join(config, "config.json"), []byte(auths), 0o600); err != nil {
		t.Fatal(err)
	}
	run("--config", config, "pull", "--quiet", results[0].Reference)
	t.Cleanup(func() { _ = exec.Command(docker, "rmi", "--force", results[0].Reference).Run() })
	id := run("run", "--detach", "--rm", "--read-only", "--cap-drop=ALL", "--publish=127.0.0.1::8081", results[0].Reference)
	t.Cleanup(func() { _ = exec.Command(docker, "kill", id).Run() })
	if user := run("inspect", "--format={{.Config.User}}", id); user != "65532:65532" {
		t.Errorf("the container runs as %q, want 65532:65532", user)
	}
	address, _, _ := strings.Cut(run("port", id, "8081"), "\n")
	var health struct{ Status string }
	for range 50 {
		res, err := http.Get("http://" + address + "/health")
		if err == nil {
			err = json.NewDecoder(res.Body).Decode(&health)
			res.Body.Close()
		}
		if err == nil && health.Status == "healthy" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the server is %q after five seconds, want healthy\n%s", health.Status, run("logs", id))
}
