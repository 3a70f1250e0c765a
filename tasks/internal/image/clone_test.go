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

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// TestTwoClones builds this project's own programs from two clones of its commit, in folders of other names, for
// another user in another country on another day: the digests have to be equal, and the images small.
func TestTwoClones(t *testing.T) {
	takesLong(t)
	here := clone(t, filepath.Join(t.TempDir(), "here"))
	defer syscall.Umask(syscall.Umask(0))
	want := buildClone(t, here, []string{"app", "client"}, nil)
	syscall.Umask(0o077)
	there := clone(t, filepath.Join(t.TempDir(), "some", "where", "else"))
	old := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, app := range []string{"app", "client"} {
		if err := os.Chtimes(filepath.Join(there, "apps", app, "main.go"), old, old); err != nil {
			t.Fatal(err)
		}
	}
	got := buildClone(t, there, []string{"app", "client"}, nil,
		"GOFLAGS=-tags=odd -ldflags=-X=main.version=other",
		"GOAMD64=v3", "GOARM64=v9.0", "GOEXPERIMENT=nogreenteagc", "CGO_ENABLED=1",
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

// TestLineEnds builds the commit as Git for Windows would check it out: the digest has to be equal. A file whose line
// ends an editor changed has to count as a change, because the compiler sees it.
func TestLineEnds(t *testing.T) {
	takesLong(t)
	apps, platforms := []string{"app"}, []v1.Platform{amd64} // line ends are the same for all
	want := buildClone(t, clone(t, filepath.Join(t.TempDir(), "plain")), apps, platforms)
	for _, config := range []string{"core.autocrlf=true", "core.eol=crlf"} {
		got := buildClone(t, clone(t, filepath.Join(t.TempDir(), "windows"), "-c", config), apps, platforms)
		for i := range want {
			if got[i].Digest != want[i].Digest {
				t.Errorf("%s is %s in a plain clone and %s with %s", want[i].App, want[i].Digest, got[i].Digest, config)
			}
		}
	}
	for _, file := range []string{"apps/app/main.go", "go.mod", "go.sum"} {
		edited := clone(t, filepath.Join(t.TempDir(), "edited"))
		text, err := os.ReadFile(filepath.Join(edited, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, edited, map[string]string{file: strings.ReplaceAll(string(text), "\n", "\r\n")})
		// it converts where it may
		if out, err := exec.Command("git", "-C", edited, "add", file).CombinedOutput(); err != nil {
			t.Fatalf("git add: %v\n%s", err, out)
		}
		rev := judged(t, Source{Apps: apps, Root: edited, Env: os.Environ(), Platforms: platforms}).Revision
		if want := file + " differs from the commit"; !rev.Dirty || rev.Why != want {
			t.Errorf("%s with other line ends is dirty: %t, because %s", file, rev.Dirty, rev.Why)
		}
	}
}

func clone(t *testing.T, dir string, flags ...string) string {
	t.Helper()
	args := append([]string{"clone", "-q", filepath.Join("..", "..", ".."), dir}, flags...)
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		t.Skipf("this is no git checkout: %v\n%s", err, out)
	}
	return dir
}

func buildClone(t *testing.T, root string, apps []string, platforms []v1.Platform, env ...string) []Built {
	t.Helper()
	said, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(said)) // compiled before, for the other HOME too
	environ := append(os.Environ(), "GOMODCACHE="+caches[0], "GOCACHE="+caches[1])
	built, err := Build(t.Context(), judged(t, Source{
		Apps: apps, Root: root, Env: append(environ, env...), Platforms: platforms,
		Cache: filepath.Join(t.TempDir(), "cache"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range built {
		if b.Revision.Commit == "" || b.Revision.Dirty {
			t.Errorf("%s of a clone is of %s, because %s", b.App, b.Revision.String(), b.Revision.Why)
		}
	}
	return built
}
