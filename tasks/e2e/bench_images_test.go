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

// pushAll is our side of every comparison of images: both programs, one platform.
var pushAll = []string{"push:all", "-platform=linux/amd64", "-json"}

// BenchmarkVersusPushEdited compares push:all after one line of each program was edited.
func BenchmarkVersusPushEdited(b *testing.B) {
	b.Run("docker", func(b *testing.B) {
		docker := dockerCommand(b)
		w := newBenchWorld(b)
		w.env["DOCKER"] = docker
		versus(b, 0.6, w.editPrograms, func() { w.mage(pushAll...) }, func() {
			w.script("build-and-push.sh", w.registry, "app="+repositories["app"], "client="+repositories["client"])
		})
	})
	b.Run("ko", func(b *testing.B) {
		w := newBenchWorld(b)
		ko := w.ko()
		versus(b, 0.8, w.editPrograms, func() { w.mage(pushAll...) }, ko)
	})
	b.Run("floor", func(b *testing.B) {
		w := newBenchWorld(b)
		versus(b, 1.5, w.editPrograms, func() { w.mage(pushAll...) }, w.floor())
	})
}

// BenchmarkVersusPushUnchanged compares push:all when the registry has every image already.
func BenchmarkVersusPushUnchanged(b *testing.B) {
	b.Run("ko", func(b *testing.B) {
		w := newBenchWorld(b)
		ko := w.ko()
		versus(b, 0.3, func() {}, func() { w.mage(pushAll...) }, ko)
	})
}

// message is a string constant of a program: the edit changes it.
var message = regexp.MustCompile(`log\.Info\("[^"]*"`)

// editPrograms changes one line of each program, each time to another text.
func (w *world) editPrograms() {
	w.t.Helper()
	for app := range repositories {
		file := filepath.Join(w.dir, "apps", app, "main.go")
		text := read(w.t, file)
		edited := message.ReplaceAllString(text, fmt.Sprintf(`log.Info("edited %d"`, rand.Int64()))
		if edited == text {
			w.t.Fatalf("%s logs nothing that could be edited", file)
		}
		write(w.t, file, edited)
	}
}

// ko builds and pushes both programs with ko, on an empty base image. That favours ko: its own base image would have to
// be downloaded.
func (w *world) ko() func() {
	w.t.Helper()
	need(w.t, "ko")
	for _, repository := range []string{"base", "app", "client"} {
		w.create(repository)
	}
	base, err := mutate.ConfigFile(empty.Image,
		&v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		w.t.Fatal(err)
	}
	ref, err := name.NewTag(w.registry + "/base:latest")
	if err != nil {
		w.t.Fatal(err)
	}
	if err := remote.Write(ref, base, remote.WithAuth(credential(w))); err != nil {
		w.t.Fatal(err)
	}
	w.env["KO_DOCKER_REPO"], w.env["KO_DEFAULTBASEIMAGE"] = w.registry, ref.String()
	return func() {
		w.run("ko", "build", "--base-import-paths", "--platform=linux/amd64", "--sbom=none", "./apps/app", "./apps/client")
	}
}

// floor is the work that nobody can save: compiling both programs, and sending the bytes that changed.
func (w *world) floor() func() {
	w.t.Helper()
	w.editPrograms()
	var pushed struct{ Images []struct{ SentBytes int64 } }
	if err := json.Unmarshal([]byte(w.mage(pushAll...)), &pushed); err != nil {
		w.t.Fatal(err)
	}
	bin := filepath.Join(w.t.TempDir(), "bin") + "/"
	w.env["CGO_ENABLED"] = "0"
	return func() {
		w.run("go", "build", "-trimpath", "-ldflags=-w", "-o", bin, "./apps/app", "./apps/client")
		for i, repository := range []string{repositories["app"], repositories["client"]} {
			upload(w, repository, pushed.Images[i].SentBytes)
		}
	}
}

// upload sends new bytes in the simplest way that a registry has: open a session, send all of them.
func upload(w *world, repository string, size int64) {
	w.t.Helper()
	content := make([]byte, size)
	binary.NativeEndian.PutUint64(content, rand.Uint64())
	sum, _, err := v1.SHA256(bytes.NewReader(content))
	if err != nil {
		w.t.Fatal(err)
	}
	opened := request(w, http.MethodPost, "/v2/"+repository+"/blobs/uploads/", nil)
	location := opened.Header.Get("Location")
	separator := "?"
	if strings.Contains(location, "?") {
		separator = "&"
	}
	request(w, http.MethodPut, location+separator+"digest="+sum.String(), bytes.NewReader(content))
}

func request(w *world, method, path string, body io.Reader) *http.Response {
	w.t.Helper()
	req, err := http.NewRequest(method, "http://"+w.registry+strings.TrimPrefix(path, "http://"+w.registry), body)
	if err != nil {
		w.t.Fatal(err)
	}
	auth, _ := credential(w).Authorization()
	req.SetBasicAuth(auth.Username, auth.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %s", method, path, res.Status)
	}
	return res
}

// credential is the one that ecr:login stored.
func credential(w *world) authn.Authenticator {
	w.t.Helper()
	text := read(w.t, filepath.Join(w.env["DOCKER_CONFIG"], "config.json"))
	var config struct {
		Auths map[string]authn.AuthConfig
	}
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		w.t.Fatal(err)
	}
	return authn.FromConfig(config.Auths[w.registry])
}

// dockerCommand is a docker that reaches an engine. The first one on the PATH may be too new for the engine.
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
