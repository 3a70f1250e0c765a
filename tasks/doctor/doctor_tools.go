package doctor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
)

// goCommand is the go that builds the images. In this folder it is the one that go.mod wants, or it says why it cannot
// be.
func (d *doctor) goCommand(ctx context.Context) finding {
	const fix = "install Go 1.26 or newer: https://go.dev/dl"
	path, err := exec.LookPath("go")
	if err != nil {
		return bad(fix, "no go command on the PATH: no image can be built")
	}
	said, err := d.ask(ctx, path, "env", "GOVERSION")
	if err != nil {
		return bad(fix, "%s: %v", path, err)
	}
	return good("%s at %s", said, path)
}

func (d *doctor) gitCommand(ctx context.Context) finding {
	path, err := exec.LookPath("git")
	if err != nil {
		return odd("install git", "no git on the PATH: images get no commit as a tag")
	}
	said, err := d.ask(ctx, path, "rev-parse", "--short", "HEAD")
	if err != nil {
		return odd("clone the repository instead of unpacking it", "%s sees no commit here: images get none as a tag", path)
	}
	return good("commit %s, by %s", said, path)
}

// docker is nobody's need but that of -engine=docker.
func (d *doctor) docker(ctx context.Context) finding {
	name, err := image.DockerEngine(ctx, os.Environ())
	if err != nil {
		what, _ := hint.Parts(err)
		first, _, _ := strings.Cut(what, "\n")
		return good("none, and only -engine=docker needs one: %s", strings.TrimSuffix(first, ":"))
	}
	return good("%s", name)
}

// ask runs a program in the project's folder and returns what it says on stdout.
func (d *doctor) ask(ctx context.Context, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = d.project.Root, &stdout, &stderr, time.Second
	if err := cmd.Run(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if first != "" {
			return "", fmt.Errorf("%w: %s", err, first)
		}
		return "", err
	}
	return strings.TrimSpace(stdout.String()), nil
}

// Room below which the doctor speaks up: a run needs the provider, unpacked, and two images with what they are built
// from.
const (
	roomNeeded = 300 << 20
	roomWanted = 2 << 30
)

// disk is the room where things are written: the checkout, the caches, temporary files.
func (d *doctor) disk(context.Context) finding {
	places := []string{d.project.Path("dist"), d.project.Path(".local"), d.project.CacheDir(), os.TempDir()}
	least, where := int64(-1), ""
	for _, place := range places {
		free, at, err := room(place)
		if err != nil {
			return odd("", "reading the free space at %s: %v", at, err)
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
		return odd(fix, "%s free at %s", free, where)
	default:
		return good("%s free at %s", free, where)
	}
}

// room is the free space of the file system that a path is on, or will be on once it is made.
func room(path string) (free int64, at string, err error) {
	for at = path; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			free, err = freeBytes(at)
			return free, at, err
		}
	}
}
