package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
)

// workshop is a copy of the project with a `mage serve` of its own, for programs that use what ecr:login has stored.
type workshop struct {
	t         *testing.T
	dir, home string
	env       []string
	registry  string // host:port
	ecr       *awsecr.Client
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	w := &workshop{t: t, dir: t.TempDir()}
	for _, part := range []string{"go.mod", "terraform"} {
		if err := copyTree(filepath.Join("../..", part), filepath.Join(w.dir, part)); err != nil {
			t.Fatal(err)
		}
	}
	w.home = filepath.Join(w.dir, "home")
	if err := os.Mkdir(w.home, 0o700); err != nil {
		t.Fatal(err)
	}
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.home, "DOCKER_HOST=" + os.Getenv("DOCKER_HOST"),
		"LOCAL_AWS_PORT=0", "BUILDX_NO_DEFAULT_ATTESTATIONS=1"}
	cmd := exec.Command(mage, "serve")
	cmd.Dir, cmd.Env = w.dir, w.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	w.connect()
	return w
}

// connect takes over the environment that serve writes, but for where docker's file is: that is the home's.
func (w *workshop) connect() {
	w.t.Helper()
	var text []byte
	for range 600 {
		var err error
		if text, err = os.ReadFile(filepath.Join(w.dir, ".local", "env")); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if value = strings.Trim(value, "'"); name != "DOCKER_CONFIG" {
			values[name] = value
			w.env = append(w.env, name+"="+value)
		}
	}
	endpoint := values["AWS_ENDPOINT_URL"]
	if endpoint == "" {
		w.t.Fatalf("mage serve wrote no endpoint: %q", text)
	}
	w.registry = strings.TrimPrefix(endpoint, "http://")
	w.ecr = awsecr.New(awsecr.Options{
		Region: values["AWS_REGION"], BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"],
			""),
	})
	if _, err := w.ecr.CreateRepository(w.t.Context(),
		&awsecr.CreateRepositoryInput{RepositoryName: aws.String("demo")}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) run(name string, args ...string) string {
	w.t.Helper()
	out, err := w.try(name, args...)
	if err != nil {
		w.t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return out
}

// try returns what a program says on both streams.
func (w *workshop) try(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(w.t.Context(), name, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (w *workshop) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// pushed expects tags in the repository, and nothing else.
func (w *workshop) pushed(want ...string) {
	w.t.Helper()
	out, err := w.ecr.ListImages(w.t.Context(), &awsecr.ListImagesInput{RepositoryName: aws.String("demo")})
	if err != nil {
		w.t.Fatal(err)
	}
	var tags []string
	for _, id := range out.ImageIds {
		tags = append(tags, aws.ToString(id.ImageTag))
	}
	slices.Sort(tags)
	if !slices.Equal(tags, want) {
		w.t.Errorf("the repository has %q, want %q", tags, want)
	}
}

// program finds what a test runs: its absence is a failure in CI, where nothing may be missing.
func program(t *testing.T, name string, check ...string) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if exec.CommandContext(t.Context(), path, check...).Run() == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s works here", name)
	}
	t.Skipf("no %s works here", name)
	return ""
}

// docker, skopeo and podman push with exactly what ecr:login has stored, where it stores it for a user without any
// setting; before it, each is refused.
func TestLoginServesOtherClients(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *workshop){"docker": pushWithDocker, "skopeo": pushWithSkopeo,
		"podman": pushWithPodman} {
		t.Run(name, func(t *testing.T) { test(t, newWorkshop(t)) })
	}
}

func (w *workshop) login() {
	w.t.Helper()
	said := w.run(mage, "ecr:login")
	stored := filepath.Join(w.home, ".docker", "config.json")
	if !strings.Contains(said, "stored in "+stored) {
		w.t.Errorf("ecr:login says %q, want it to name %s", said, stored)
	}
	var config struct {
		Auths map[string]struct{ Auth string }
	}
	if err := json.Unmarshal([]byte(read(w.t, stored)), &config); err != nil || len(config.Auths[w.registry].Auth) < 20 {
		w.t.Errorf("%s holds no credential for %s: %v", stored, w.registry, err)
	}
	if secret := config.Auths[w.registry].Auth; secret != "" && strings.Contains(said, secret) {
		w.t.Error("ecr:login prints what it stores")
	}
}

func pushWithDocker(t *testing.T, w *workshop) {
	docker := program(t, "docker", "version")
	ref := w.registry + "/demo:docker"
	w.write("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
	w.run(docker, "build", "--quiet", "--tag", ref, "context")
	defer func() { w.run(docker, "rmi", "--force", ref) }()
	if out, err := w.try(docker, "push", ref); err == nil {
		t.Errorf("docker pushed before the login: %s", out)
	}
	w.login()
	w.run(docker, "push", ref)
	w.pushed("docker")
}

func pushWithSkopeo(t *testing.T, w *workshop) {
	skopeo := program(t, "skopeo", "--version")
	image, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	path, err := layout.Write(filepath.Join(w.dir, "image"), empty.Index)
	if err == nil {
		err = path.AppendImage(image)
	}
	if err != nil {
		t.Fatal(err)
	}
	copied := []string{"--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", "oci:image"}
	if out, err := w.try(skopeo, append(copied, "docker://"+w.registry+"/demo:skopeo")...); err == nil {
		t.Errorf("skopeo pushed before the login: %s", out)
	}
	w.login()
	w.run(skopeo, append(copied, "docker://"+w.registry+"/demo:skopeo")...)
	w.run(skopeo,
		append(copied, "--authfile", filepath.Join(w.home, ".docker", "config.json"),
			"docker://"+w.registry+"/demo:authfile")...)
	w.pushed("authfile", "skopeo")
}

func pushWithPodman(t *testing.T, w *workshop) {
	podman := program(t, "podman", "--version")
	short, err := os.MkdirTemp("", "podman") // it takes no path of more than 50 characters
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	own := func(args ...string) []string {
		return append([]string{
			"--root", filepath.Join(w.dir, "images"), "--runroot", short,
			"--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none",
		}, args...)
	}
	ref := w.registry + "/demo:podman"
	w.write("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
	w.run(podman, own("build", "--quiet", "--tag", ref, "context")...)
	if out, err := w.try(podman, own("push", "--quiet", "--tls-verify=false", ref)...); err == nil {
		t.Errorf("podman pushed before the login: %s", out)
	}
	w.login()
	w.run(podman, own("push", "--quiet", "--tls-verify=false", ref)...)
	w.pushed("podman")
}

// 32 logins at once, with another program's entries in the file: nothing is lost, and nothing is left lying about.
func TestLoginsAtOnce(t *testing.T) {
	w := newWorkshop(t)
	w.write("home/.docker/config.json", `{"auths":{"before.example":{"auth":"bWU6cHc="}},"detachKeys":"ctrl-e,e"}`)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if out, err := w.try(mage, "ecr:login"); err != nil {
				t.Errorf("ecr:login: %v\n%s", err, out)
			}
		})
	}
	all.Wait()
	text := read(t, filepath.Join(w.home, ".docker", "config.json"))
	for _, want := range []string{`"before.example"`, fmt.Sprintf("%q", w.registry), `"detachKeys": "ctrl-e,e"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is lost", want)
		}
	}
	entries, err := os.ReadDir(filepath.Join(w.home, ".docker"))
	if err != nil || len(entries) != 2 { // with the lock
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	before := []byte(text[:len(text)/2]) // as of a machine that ran out of disk
	w.write("home/.docker/config.json", string(before))
	if out, err := w.try(mage, "ecr:login"); err == nil || !strings.Contains(out, "hint: mend the file") {
		t.Errorf("a torn file: %v\n%s", err, out)
	}
	if after := []byte(read(t, filepath.Join(w.home, ".docker", "config.json"))); !bytes.Equal(after, before) {
		t.Errorf("the torn file is now %s", after)
	}
}
