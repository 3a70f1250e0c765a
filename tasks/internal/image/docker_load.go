package image

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// removeLimit is how long the engine may take to forget a tag.
const removeLimit = 10 * time.Second

// load has an engine build for one platform, and takes the image out of it into dir. It builds under a tag of its own,
// so that whoever builds the same at the same time is left alone, as are the tags the user has.
func (e engine) load(ctx context.Context, s Source, app string, platforms []v1.Platform, dir string,
) ([]v1.Image, error) {
	tag := "envoy-proxy-poc-build:" + strings.ToLower(rand.Text())
	defer e.untag(ctx, tag)
	if err := e.run(ctx, e.buildArgs(s, app, platforms, tag)); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "image.tar")
	if err := e.save(ctx, tag, file); err != nil {
		return nil, err
	}
	img, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		return nil, fmt.Errorf("reading what docker save wrote: %w", err)
	}
	return []v1.Image{img}, nil
}

// run builds: all that the builder says goes to the log, and its last words into the error.
func (e engine) run(ctx context.Context, args []string) error {
	program := e.docker
	if e.builder >= buildx {
		program = e.plugin
	}
	return e.execute(ctx, nil, program, args...)
}

// execute runs a docker command. Its stdout goes to w, or without one to the log, as stderr does.
func (e engine) execute(ctx context.Context, w io.Writer, program string, args ...string) error {
	said := newTranscript(e.log)
	cmd := interruptible(ctx, program, e.root, e.env, args...)
	cmd.Stdout, cmd.Stderr = w, said
	if w == nil {
		cmd.Stdout = said
	}
	err := cmd.Run()
	said.Flush()
	if err != nil {
		return e.explain(ctx, err, said.kept)
	}
	return nil
}

// save writes an image of the engine to a file.
func (e engine) save(ctx context.Context, tag, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("making a file for the image: %w", err)
	}
	defer f.Close()
	if err := e.execute(ctx, f, e.docker, "image", "save", tag); err != nil {
		return fmt.Errorf("taking the image out of the engine: %w", err)
	}
	return f.Close()
}

// untag removes a build's tag and, where nothing else points at it, the image; the engine keeps its cache. It runs
// after an interrupt too, for a build that was about to end. There is nothing to remove after most failures.
func (e engine) untag(ctx context.Context, tag string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	_, _ = e.ask(ctx, e.docker, "image", "rm", tag)
}
