package e2e_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// pushAll is one side of all comparisons of images: both programs, one platform.
var pushAll = []string{"push:all", "-platform=linux/amd64", "-json"}

// BenchmarkVersusPushEdited is push:all after a one-line edit of each program.
func BenchmarkVersusPushEdited(b *testing.B) {
	b.Run("docker", func(b *testing.B) {
		docker := dockerCommand(b)
		w := newBenchWorld(b)
		w.env = append(w.env, "DOCKER="+docker)
		versus(b, 0.6, w.edit, func() { w.mage(pushAll...) }, func() {
			w.script("build-and-push.sh", w.registry, "app="+repositories["app"], "client="+repositories["client"])
		})
	})
	b.Run("ko", func(b *testing.B) {
		w := newBenchWorld(b)
		ko := w.ko()
		versus(b, 0.8, w.edit, func() { w.mage(pushAll...) }, ko)
	})
	b.Run("floor", func(b *testing.B) {
		w := newBenchWorld(b)
		versus(b, 1.5, w.edit, func() { w.mage(pushAll...) }, w.floor())
	})
}

// BenchmarkVersusPushUnchanged is push:all when all is there already.
func BenchmarkVersusPushUnchanged(b *testing.B) {
	b.Run("ko", func(b *testing.B) {
		w := newBenchWorld(b)
		ko := w.ko()
		versus(b, 0.3, func() {}, func() { w.mage(pushAll...) }, ko)
	})
}

// message is a string constant of a program: the edit changes it.
var message = regexp.MustCompile(`log\.Info\("[^"]*"`)

// edit changes one line of each program, another way each time.
func (w *benchWorld) edit() {
	w.b.Helper()
	for app := range repositories {
		file := filepath.Join(w.dir, "apps", app, "main.go")
		text, err := os.ReadFile(file)
		if err != nil {
			w.b.Fatal(err)
		}
		edited := message.ReplaceAll(text, fmt.Appendf(nil, `log.Info("edited %d"`, rand.Int64()))
		if string(edited) == string(text) {
			w.b.Fatalf("%s logs nothing that could be edited", file)
		}
		if err := os.WriteFile(file, edited, 0o644); err != nil {
			w.b.Fatal(err)
		}
	}
}

// ko builds and pushes both programs with ko, on an empty base image: to its advantage, for its own would be fetched
// from afar.
func (w *benchWorld) ko() func() {
	w.b.Helper()
	need(w.b, "ko")
	for _, repository := range []string{"base", "app", "client"} {
		w.create(repository)
	}
	base, err := mutate.ConfigFile(empty.Image,
		&v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		w.b.Fatal(err)
	}
	ref, err := name.NewTag(w.registry + "/base:latest")
	if err != nil {
		w.b.Fatal(err)
	}
	if err := remote.Write(ref, base, remote.WithAuth(w.credential())); err != nil {
		w.b.Fatal(err)
	}
	w.env = append(w.env, "KO_DOCKER_REPO="+w.registry, "KO_DEFAULTBASEIMAGE="+ref.String())
	return func() {
		w.run("ko", "build", "--base-import-paths", "--platform=linux/amd64", "--sbom=none", "./apps/app", "./apps/client")
	}
}

// floor is what cannot be saved: compiling both programs, and sending the bytes that changed.
func (w *benchWorld) floor() func() {
	w.b.Helper()
	w.edit()
	var pushed struct{ Images []struct{ SentBytes int64 } }
	if err := json.Unmarshal([]byte(w.mage(pushAll...)), &pushed); err != nil {
		w.b.Fatal(err)
	}
	bin := filepath.Join(w.b.TempDir(), "bin") + "/"
	w.env = append(w.env, "CGO_ENABLED=0")
	return func() {
		w.run("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, "./apps/app", "./apps/client")
		for i, repository := range []string{repositories["app"], repositories["client"]} {
			w.upload(repository, pushed.Images[i].SentBytes)
		}
	}
}

// upload sends new bytes the plainest way that a registry knows: open a session, send all of it.
func (w *benchWorld) upload(repository string, size int64) {
	w.b.Helper()
	content := make([]byte, size)
	binary.NativeEndian.PutUint64(content, rand.Uint64()) // as good as changed: nothing compresses it on its way
	sum, _, err := v1.SHA256(bytes.NewReader(content))
	if err != nil {
		w.b.Fatal(err)
	}
	opened := w.request(http.MethodPost, "/v2/"+repository+"/blobs/uploads/", nil)
	location := opened.Header.Get("Location")
	separator := "?"
	if strings.Contains(location, "?") {
		separator = "&"
	}
	w.request(http.MethodPut, location+separator+"digest="+sum.String(), bytes.NewReader(content))
}

func (w *benchWorld) request(method, path string, body io.Reader) *http.Response {
	w.b.Helper()
	req, err := http.NewRequest(method, "http://"+w.registry+strings.TrimPrefix(path, "http://"+w.registry), body)
	if err != nil {
		w.b.Fatal(err)
	}
	auth, _ := w.credential().Authorization()
	req.SetBasicAuth(auth.Username, auth.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.b.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode >= 300 {
		w.b.Fatalf("%s %s: %s", method, path, res.Status)
	}
	return res
}

// credential is what ecr:login stored.
func (w *benchWorld) credential() authn.Authenticator {
	w.b.Helper()
	text, err := os.ReadFile(filepath.Join(w.value("DOCKER_CONFIG"), "config.json"))
	if err != nil {
		w.b.Fatal(err)
	}
	var config struct {
		Auths map[string]authn.AuthConfig
	}
	if err := json.Unmarshal(text, &config); err != nil {
		w.b.Fatal(err)
	}
	return authn.FromConfig(config.Auths[w.registry])
}

// dockerCommand is a docker that reaches an engine: the first on the PATH may be too new for it.
func dockerCommand(b *testing.B) string {
	b.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		command := filepath.Join(dir, "docker")
		if exec.Command(command, "version").Run() == nil {
			return command
		}
	}
	b.Skip("no docker on the PATH reaches an engine")
	return ""
}
