package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDisk wants a push to say at once that the disk of the local AWS is full.
func TestFullDisk(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := newServedWorld(t)
	w.create(repositories["app"])
	images, aside := filepath.Join(w.dir, ".local", "data", "ecr"), t.TempDir()
	if err := copyTree(images, aside); err != nil {
		t.Fatal(err)
	}
	mount(t, "tmpfs", images, "tmpfs", 0, "size=1m")
	if err := copyTree(aside, images); err != nil {
		t.Fatal(err)
	}
	said, err := w.try(mage, "push:app", "-platform=linux/amd64")
	if err == nil || !strings.Contains(said, ": no space left on device (") || strings.Contains(said, "trying again") ||
		!strings.HasSuffix(said, "hint: free some space; where it is missing says: mage doctor\n") {
		t.Errorf("on a full disk: %v\n%s", err, said)
	}
}

// TestReadOnlyCheckout wants the targets and the doctor to say what is wrong with a checkout that cannot be written.
func TestReadOnlyCheckout(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := newWorld(t)
	mount(t, w.dir, w.dir, "", unix.MS_BIND, "")
	mount(t, "", w.dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
	for _, args := range [][]string{{"local", "deploy"}, {"build:app", "-platform=linux/amd64"}} {
		said, err := w.try(mage, args...)
		if err == nil || !strings.Contains(said, ": read-only file system\nhint: work in a checkout that you may write to; ") {
			t.Errorf("mage %s in a read-only checkout: %v\n%s", args, err, said)
		}
	}
	said, err := w.try(mage, "doctor")
	if err == nil || !strings.Contains(said, "fault    disk          "+w.dir) {
		t.Errorf("in a read-only checkout the doctor says %v\n%s", err, said)
	}
}

// mount mounts a file system for a test. Only root may.
func mount(t *testing.T, source, target, kind string, flags uintptr, data string) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}
