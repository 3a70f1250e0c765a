package image

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/localaws"
)

// TestBuildDockerOfTheServer compiles the real server with a real toolchain in the engine, wants the layer that Build
// makes, and has an engine pull what was pushed and run it.
func TestBuildDockerOfTheServer(t *testing.T) {
	takesLong(t)
	w := &dockerWorld{docker: anyDocker(t), s: source("../../..")}
	arch := w.ask(t, "version", "--format={{.Server.Arch}}")
	w.s.Platforms = []v1.Platform{{OS: "linux", Architecture: arch}}
	w.importBase(t, toolchainBase(t, arch))
	w.s.Env = append(w.s.Env, "GOPROXY=off") // everything is in the base image
	w.s.Docker = true
	built := w.build(t)
	w.s.Docker = false
	native := build(t, w.s)
	if got, want := layerDigests(t, built), layerDigests(t, native); !slices.Equal(got, want) {
		t.Errorf("the engine makes the layers %s, and Build alone %s", got, want)
	}
	aws := newWorld(t, localaws.Options{})
	results, err := Push(t.Context(), []Job{{To: aws.dial(t, "team/app"), Image: built, Tags: tags}})
	if err != nil {
		t.Fatal(err)
	}
	w.isHealthy(t, aws, results[0].Reference)
}

func layerDigests(t *testing.T, b Built) []v1.Hash {
	t.Helper()
	layers, err := b.Image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var digests []v1.Hash
	for _, l := range layers {
		digest, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest)
	}
	return digests
}

// run has the engine pull an image and run it, and returns the container.
func (w *dockerWorld) run(t *testing.T, aws *world, reference string, options ...string) (id string) {
	t.Helper()
	password, _, err := aws.token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := write(t, t.TempDir(),
		map[string]string{"config.json": fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, aws.registry, password.Auth)})
	w.ask(t, "--config", config, "pull", "--quiet", reference)
	t.Cleanup(func() { _ = exec.Command(w.docker, "rmi", "--force", reference).Run() })
	id = w.ask(t,
		slices.Concat([]string{"run", "--detach", "--read-only", "--cap-drop=ALL"}, options, []string{reference})...)
	t.Cleanup(func() { _ = exec.Command(w.docker, "rm", "--force", id).Run() })
	if user := w.ask(t, "inspect", "--format={{.Config.User}}", id); user != "65532:65532" {
		t.Errorf("the container runs as %q, want 65532:65532", user)
	}
	return id
}

// isHealthy runs an image, asks the container how it is, and returns it.
func (w *dockerWorld) isHealthy(t *testing.T, aws *world, reference string) (id string) {
	t.Helper()
	id = w.run(t, aws, reference, "--publish=127.0.0.1::8081")
	address, _, _ := strings.Cut(w.ask(t, "port", id, "8081"), "\n")
	var health struct{ Status string }
	for range 100 {
		res, err := http.Get("http://" + address + "/health")
		if err == nil {
			err = json.NewDecoder(res.Body).Decode(&health)
			res.Body.Close()
		}
		if err == nil && health.Status == "healthy" {
			return id
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the server is %q after ten seconds, want healthy\n%s", health.Status, w.ask(t, "logs", id))
	return id
}
