package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// goCommand is the go that builds the images. It is run in the checkout, where it is the version that go.mod wants, or
// says why not.
func (d *doctor) goCommand(ctx context.Context) finding {
	path, err := exec.LookPath("go")
	if err != nil {
		return bad(image.InstallGo, "no go command on the PATH: no image can be built")
	}
	said, err := d.project.Capture(ctx, path, "env", "GOVERSION")
	if err != nil {
		return bad(image.InstallGo, "%s: %s", path, console.OneLine(err.Error()))
	}
	return good("%s at %s", said, path)
}

// gitCommand asks as a build does.
func (d *doctor) gitCommand(ctx context.Context) finding {
	revision, err := image.Head(ctx, d.project.Root, os.Environ())
	switch {
	case err != nil:
		return failure(err)
	case revision.Commit == "":
		return unusual(revision.Remedy, "images get no commit as a tag: %s", revision.Reason)
	}
	return good("commit %.12s", revision.Commit)
}

// docker is needed by -engine=docker alone.
func (d *doctor) docker(ctx context.Context) finding {
	name, err := image.DockerEngine(ctx, os.Environ())
	if err != nil {
		what, _ := hint.Parts(err)
		first, _, _ := strings.Cut(what, "\n")
		return good("none, and only -engine=docker needs one: %s", strings.TrimSuffix(first, ":"))
	}
	return good("%s", name)
}

// Free space below which the doctor speaks up: a run needs the unpacked provider, and two images with what they are
// built from.
const (
	roomNeeded = 300 << 20
	roomWanted = 2 << 30
)

// disk is the free space where the targets write: the checkout, the caches, temporary files.
func (d *doctor) disk(context.Context) finding {
	if info, err := os.Stat(os.TempDir()); err != nil || !info.IsDir() {
		return bad("set TMPDIR to a folder that you may write", "%s, for temporary files, is no folder", os.TempDir())
	}
	places := []string{d.project.Path("dist"), d.project.Path(".local"), d.project.CacheDir(), os.TempDir()}
	least, where := int64(-1), ""
	for _, place := range places {
		if !session.Writable(place) {
			return bad("work in a checkout that you may write to", "%s cannot be written", place)
		}
		free, at, err := room(place)
		if err != nil {
			return unusual("", "reading the free space at %s: %v", at, err)
		}
		if least < 0 || free < least {
			least, where = free, at
		}
	}
	const fix = "free some: rm -r dist, rm -r .local, go clean -cache"
	switch free := console.Bytes(least); {
	case least < roomNeeded:
		return bad(fix, "%s free at %s", free, where)
	case least < roomWanted:
		return unusual(fix, "%s free at %s", free, where)
	default:
		return good("%s free at %s", free, where)
	}
}

// room is the free space of the file system of a path, which need not exist yet.
func room(path string) (free int64, at string, err error) {
	for at = path; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			free, err = freeBytes(at)
			return free, at, err
		}
	}
}
