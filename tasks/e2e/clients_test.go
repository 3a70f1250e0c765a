package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
)

// newClientWorld makes a world in which other programs use the credential that ecr:login has stored. It serves one
// repository, demo.
func newClientWorld(t *testing.T) *world {
	t.Helper()
	w := newServedWorld(t)
	delete(w.env, "DOCKER_CONFIG") // a user without any setting has it in the home
	w.env["DOCKER_HOST"] = os.Getenv("DOCKER_HOST")
	w.env["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "1"
	w.create("demo")
	return w
}

// wantTags wants exactly these tags in the repository.
func (w *world) wantTags(want ...string) {
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

// program finds a program that works. Without one the test is skipped, and fails in CI, where nothing may be missing.
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

// TestLoginServesOtherClients pushes with docker, skopeo and podman: before ecr:login each is refused, after it each
// reads the stored credential.
func TestLoginServesOtherClients(t *testing.T) {
	takesLong(t)
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *world){
		"docker": pushWithDocker, "skopeo": pushWithSkopeo, "podman": pushWithPodman,
	} {
		t.Run(name, func(t *testing.T) { test(t, newClientWorld(t)) })
	}
}

// login runs ecr:login, and looks at the file that it writes.
func (w *world) login() {
	w.t.Helper()
	said, err := w.try(mage, "ecr:login")
	if err != nil {
		w.t.Fatalf("ecr:login: %v\n%s", err, said)
	}
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

func pushWithDocker(t *testing.T, w *world) {
	docker := program(t, "docker", "version")
	ref := w.registry + "/demo:docker"
	write(t, filepath.Join(w.dir, "context/Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n")
	w.run(docker, "build", "--quiet", "--tag", ref, "context")
	defer func() { w.run(docker, "rmi", "--force", ref) }()
	if out, err := w.try(docker, "push", ref); err == nil {
		t.Errorf("docker pushed before the login: %s", out)
	}
	w.login()
	w.run(docker, "push", ref)
	w.wantTags("docker")
}

func pushWithSkopeo(t *testing.T, w *world) {
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
	stored := filepath.Join(w.home, ".docker", "config.json")
	w.run(skopeo, append(copied, "--authfile", stored, "docker://"+w.registry+"/demo:authfile")...)
	w.wantTags("authfile", "skopeo")
}

func pushWithPodman(t *testing.T, w *world) {
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
	write(t, filepath.Join(w.dir, "context/Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n")
	w.run(podman, own("build", "--quiet", "--tag", ref, "context")...)
	if out, err := w.try(podman, own("push", "--quiet", "--tls-verify=false", ref)...); err == nil {
		t.Errorf("podman pushed before the login: %s", out)
	}
	w.login()
	w.run(podman, own("push", "--quiet", "--tls-verify=false", ref)...)
	w.wantTags("podman")
}

// TestLoginsAtOnce runs 32 logins at the same time, on a file with another program's entries: none of them is lost, and
// no other file remains.
func TestLoginsAtOnce(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := newClientWorld(t)
	stored := filepath.Join(w.home, ".docker", "config.json")
	write(t, stored, `{"auths":{"before.example":{"auth":"bWU6cHc="}},"detachKeys":"ctrl-e,e"}`)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if out, err := w.try(mage, "ecr:login"); err != nil {
				t.Errorf("ecr:login: %v\n%s", err, out)
			}
		})
	}
	all.Wait()
	text := read(t, stored)
	for _, want := range []string{`"before.example"`, fmt.Sprintf("%q", w.registry), `"detachKeys": "ctrl-e,e"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is lost", want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(stored))
	if err != nil || len(entries) != 2 { // with the lock
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	torn := text[:len(text)/2] // a disk that was full leaves such a file
	write(t, stored, torn)
	if out, err := w.try(mage, "ecr:login"); err == nil || !strings.Contains(out, "hint: repair the file") {
		t.Errorf("a torn file: %v\n%s", err, out)
	}
	if now := read(t, stored); now != torn {
		t.Errorf("the torn file is now %s", now)
	}
}
