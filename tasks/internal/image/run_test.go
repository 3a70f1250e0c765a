package image

import (
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
	if os.Getenv("CI") == "true" {
		t.Fatal("no docker on the PATH reaches an engine, and in CI nothing may be missing")
	}
	t.Skip("no docker on the PATH reaches an engine")
	return ""
}

// TestPushedImagesRun pulls what was built natively and pushed with an engine that knows nothing of this project, and
// runs it as it would run in a cluster, with a root file system that cannot be written: the server is asked how it is,
// and the client talks to it until it is stopped as Kubernetes stops a pod.
func TestPushedImagesRun(t *testing.T) {
	takesLong(t)
	docker := &dockerWorld{docker: anyDocker(t)}
	w := newWorld(t, localaws.Options{})
	mods, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	built, err := Build(t.Context(), Source{
		Apps: []string{"app", "client"}, Root: "../../..", Env: append(os.Environ(),
			"GOMODCACHE="+strings.TrimSpace(string(mods))), Revision: revision,
	})
	if err != nil {
		t.Fatal(err)
	}
	results, err := Push(t.Context(), []Job{
		{To: w.dial(t, "team/app"), Image: built[0], Tags: tags}, {To: w.dial(t, "team/client"), Image: built[1], Tags: tags},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := docker.isHealthy(t, w, results[0].Reference)
	client := docker.run(t, w, results[1].Reference, "--network=container:"+server,
		"--env=ENVOY_ENDPOINT=ws://127.0.0.1:8080", "--env=HEALTH_PORT=8082")
	for range 100 {
		if strings.Contains(docker.ask(t, "logs", client), `"msg":"answer"`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	docker.ask(t, "stop", client)
	logs := docker.ask(t, "logs", client)
	if code := docker.ask(t, "inspect", "--format={{.State.ExitCode}}", client); code != "0" ||
		!strings.Contains(logs, `"msg":"answer"`) || !strings.Contains(logs, `"msg":"stopped"`) {
		t.Errorf("the client ended with %s, want 0 after an answer and a goodbye\n%s", code, logs)
	}
}
