package image

import (
	"archive/tar"
	"context"
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// dockerWorld is an engine with a base image that only tests use, and a module with the Dockerfile of the real server.
type dockerWorld struct {
	docker   string
	base     string // tag and label of the base image; what is built from it has the label too
	compiled string // folder of what the stand-in hands out, one below it an architecture
	s        Source
	log      strings.Builder
}

// standIn takes the place of the go command in the base image: compiling is not what these tests are about. It says
// what it is told, fails or waits where the source says so, and hands out what the test compiled.
const standIn = `package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	if os.Args[2] != "-o" {
		return
	}
	for _, name := range []string{"GOOS", "GOARCH", "GOAMD64", "GOPROXY", "GOSUMDB", "GOFLAGS"} {
		fmt.Printf("%s is <%s>\n", name, os.Getenv(name))
	}
	source, err := os.ReadFile("apps/app/main.go")
	if strings.Contains(string(source), "nothing()") {
		fmt.Fprintln(os.Stderr, "apps/app/main.go:3:15: undefined: nothing")
		os.Exit(1)
	}
	if strings.Contains(string(source), "forever()") {
		fmt.Println("waiting")
		time.Sleep(time.Minute)
	}
	program, err2 := os.ReadFile("/compiled/" + os.Getenv("GOARCH") + "/app")
	err3 := os.MkdirAll("/out", 0o755)
	if err4 := os.WriteFile(os.Args[3], program, 0o755); err != nil || err2 != nil || err3 != nil || err4 != nil {
		fmt.Println(err, err2, err3, err4)
		os.Exit(1)
	}
}
`

// newDockerWorld has its engine compile with the stand-in.
func newDockerWorld(t *testing.T) *dockerWorld {
	t.Helper()
	w := &dockerWorld{docker: anyDocker(t)}
	w.findBuildKit(t)
	dockerfile, err := os.ReadFile("../../../apps/app/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	w.s = source(write(t, write(t, t.TempDir(), program), map[string]string{
		"go.sum": "", "apps/internal/pod/pod.go": "package pod\n", "apps/app/Dockerfile": string(dockerfile),
	}))
	w.s.Docker, w.s.Platforms, w.s.Log = true, []v1.Platform{amd64, arm64}, &w.log

	image := write(t, t.TempDir(), map[string]string{"go.mod": "module standin\n\ngo 1.26\n", "main.go": standIn})
	goBuild(t, image, w.ask(t, "version", "--format={{.Server.Arch}}"),
		filepath.Join(image, "usr", "local", "go", "bin", "go"), ".")
	w.compiled = filepath.Join(image, "compiled")
	for _, p := range w.s.Platforms {
		goBuild(t, w.s.Root, p.Architecture, filepath.Join(w.compiled, p.Architecture, "app"), "./apps/app")
	}
	w.importBase(t, func(tw *tar.Writer) error { return tw.AddFS(os.DirFS(image)) })
	return w
}

// findBuildKit puts a docker that has BuildKit in front, where the first on the PATH has none.
func (w *dockerWorld) findBuildKit(t *testing.T) {
	t.Helper()
	path := os.Getenv("PATH")
	for _, dir := range filepath.SplitList(path) {
		bin := t.TempDir()
		if err := os.Symlink(filepath.Join(dir, "docker"), filepath.Join(bin, "docker")); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin+string(filepath.ListSeparator)+path)
		if e, err := findEngine(t.Context(), Source{Env: os.Environ()}); err == nil && e.builder == buildKit {
			w.docker = e.docker
			return
		}
	}
	t.Setenv("PATH", path)
}

func goBuild(t *testing.T, dir, arch, file, pkg string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", file, pkg)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compiling for %s: %v\n%s", arch, err, out)
	}
}

// importBase makes what fill writes the base image, until the test ends.
func (w *dockerWorld) importBase(t *testing.T, fill func(*tar.Writer) error) {
	t.Helper()
	w.base = "envoy-proxy-poc-test:" + strings.ToLower(rand.Text())
	t.Cleanup(func() { w.clean(t) })
	pr, pw := io.Pipe()
	go func() {
		tw := tar.NewWriter(pw)
		err := fill(tw)
		if err == nil {
			err = tw.Close()
		}
		pw.CloseWithError(err)
	}()
	cmd := exec.Command(w.docker, "import", "--change=LABEL "+testLabel+"="+w.base, "-", w.base)
	cmd.Stdin = pr
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("importing a base image: %v\n%s", err, out)
	}
	w.s.Env, w.s.URL = append(w.s.Env, "GO_IMAGE="+w.base), "https://example.com/"+w.base
}

const testLabel = "envoy-proxy-poc.test"

// clean removes the base image and what the classic builder keeps of its children.
func (w *dockerWorld) clean(t *testing.T) {
	t.Helper()
	for range 3 { // a container that is going away holds its image a little longer
		ids := strings.Fields(w.ask(t, "images", "--quiet", "--filter=label="+testLabel+"="+w.base))
		if len(ids) == 0 {
			return
		}
		_ = exec.Command(w.docker, append([]string{"rmi", "--force"}, ids...)...).Run()
		time.Sleep(100 * time.Millisecond)
	}
}

// ask returns what docker says.
func (w *dockerWorld) ask(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), w.docker, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// leavesNothing wants neither files, nor images, nor containers of a build to stay.
func (w *dockerWorld) leavesNothing(t *testing.T, build func()) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	build()
	if left, err := filepath.Glob(filepath.Join(temp, "*")); err != nil || len(left) > 0 {
		t.Errorf("the build leaves %v (%v)", left, err)
	}
	if left := w.ask(t, "images", "--all",
		"--filter=label=org.opencontainers.image.source="+w.s.URL); strings.Contains(left, "\n") {
		t.Errorf("the build leaves images:\n%s", left)
	}
	left := ""
	for range 50 { // the engine removes a container a little after docker has gone
		if left = w.ask(t, "ps", "--all", "--quiet", "--filter=label="+testLabel+"="+w.base); left == "" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the build leaves the containers %s", left)
}
