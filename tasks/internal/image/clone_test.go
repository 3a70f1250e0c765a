//go:build unix

package image

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTwoClones builds this project's own programs from two clones of its commit, in folders of other names, for another
// user in another country on another day: the digests have to be equal, and the images small.
func TestTwoClones(t *testing.T) {
	here := clone(t, filepath.Join(t.TempDir(), "here"))
	defer syscall.Umask(syscall.Umask(0))
	want := buildClone(t, here)
	syscall.Umask(0o077)
	there := clone(t, filepath.Join(t.TempDir(), "some", "where", "else"))
	old := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, app := range []string{"app", "client"} {
		if err := os.Chtimes(filepath.Join(there, "apps", app, "main.go"), old, old); err != nil {
			t.Fatal(err)
		}
	}
	got := buildClone(t, there,
		"GOFLAGS=-tags=odd -ldflags=-X=main.version=other", "GOAMD64=v3", "GOARM64=v9.0", "GOEXPERIMENT=nogreenteagc", "CGO_ENABLED=1",
		"TZ=Asia/Kolkata", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "HOME="+t.TempDir(), "SOURCE_DATE_EPOCH=1")
	for i := range want {
		if got[i].Digest != want[i].Digest {
			t.Errorf("%s is %s in one clone and %s in the other", want[i].App, want[i].Digest, got[i].Digest)
		}
		if want[i].Size > 12_000_000 {
			t.Errorf("%s has %d bytes, want less than 12 MB", want[i].App, want[i].Size)
		}
	}
}

func clone(t *testing.T, dir string) string {
	t.Helper()
	if out, err := exec.Command("git", "clone", "-q", filepath.Join("..", "..", ".."), dir).CombinedOutput(); err != nil {
		t.Skipf("this is no git checkout: %v\n%s", err, out)
	}
	return dir
}

func buildClone(t *testing.T, root string, env ...string) []Built {
	t.Helper()
	said, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(said)) // compiled before, for the other HOME too
	environ := append(os.Environ(), "GOMODCACHE="+caches[0], "GOCACHE="+caches[1])
	rev, err := Head(t.Context(), root, environ, "go.mod", "go.sum", "apps")
	if err != nil {
		t.Fatal(err)
	}
	built, err := Build(t.Context(), Source{
		Apps: []string{"app", "client"}, Root: root, Env: append(environ, env...), Revision: rev, Cache: filepath.Join(t.TempDir(), "cache"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return built
}
