package image

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// removeLimit is how long the engine may take to forget a tag.
const removeLimit = 10 * time.Second

// load has an engine build for one platform, and takes the image out of it into a file. It builds under a tag of its
// own, so that whoever builds the same at the same time is left alone, and so are the user's tags.
func (e engine) load(ctx context.Context, s Source, app string, p v1.Platform, file string) error {
	tag := "envoy-proxy-poc-build:" + strings.ToLower(rand.Text())
	defer e.untag(ctx, tag)
	if err := e.execute(ctx, nil, e.buildArgs(s, app, p, tag)...); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("making a file for the image: %w", err)
	}
	defer f.Close()
	if err := e.execute(ctx, f, "image", "save", tag); err != nil {
		return fmt.Errorf("taking the image out of the engine: %w", err)
	}
	return f.Close()
}

// execute runs docker: what it says goes to the log, and its last words into the error. Its stdout goes to w, or
// without one to the log.
func (e engine) execute(ctx context.Context, w io.Writer, args ...string) error {
	said := newTranscript(e.log)
	cmd := interruptible(ctx, e.docker, e.root, e.env, args...)
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

// untag removes a build's tag and, where nothing else points at it, the image; the engine keeps its cache. It runs
// after an interrupt too, for a build that was about to end. There is nothing to remove after most failures.
func (e engine) untag(ctx context.Context, tag string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	_, _ = e.ask(ctx, "image", "rm", tag)
}
