package image

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// removeLimit is how long the engine may take to forget a tag.
const removeLimit = 10 * time.Second

// load builds the platforms one by one into the engine, and takes the images out of it. A fleet is the other way:
// [engine.export].
func (e engine) load(ctx context.Context, s Source, app string) ([]v1.Image, error) {
	images := make([]v1.Image, len(s.Platforms))
	for i, p := range s.Platforms {
		var err error
		if images[i], err = e.loadOne(ctx, s, app, p); err != nil {
			return nil, fmt.Errorf("building %q for %s with %s: %w", app, p, e, err)
		}
	}
	return images, nil
}

// loadOne builds under a tag of its own, so that whoever builds the same at the same time is left alone, as are the
// tags the user has.
func (e engine) loadOne(ctx context.Context, s Source, app string, p v1.Platform) (v1.Image, error) {
	tag := "envoy-proxy-poc-build:" + strings.ToLower(rand.Text())
	defer e.untag(ctx, tag)
	if err := e.run(ctx, e.buildArgs(s, app, []v1.Platform{p}, tag)); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the image: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "image.tar")
	if err := e.save(ctx, tag, file); err != nil {
		return nil, err
	}
	img, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		return nil, fmt.Errorf("reading what docker save wrote: %w", err)
	}
	return e.conform(s, app, p, img)
}

// run builds: all that the builder says goes to the log, and its last words into the error.
func (e engine) run(ctx context.Context, args []string) error {
	program := e.docker
	if e.builder >= buildx {
		program = e.plugin
	}
	said := newTranscript(e.log)
	cmd := interruptible(ctx, program, e.root, e.env, args...)
	cmd.Stdout, cmd.Stderr = said, said
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
	said := newTranscript(e.log)
	cmd := interruptible(ctx, e.docker, e.root, e.env, "image", "save", tag)
	cmd.Stdout, cmd.Stderr = f, said
	err = cmd.Run()
	said.Flush()
	if err != nil {
		return fmt.Errorf("taking the image out of the engine: %w", e.explain(ctx, err, said.kept))
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
