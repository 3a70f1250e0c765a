package image

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// compiler compiles the apps of one module.
type compiler struct {
	goCommand string
	root      string
	env       []string // from buildEnv
	version   string   // becomes main.version
	log       io.Writer
}

// compile returns the app's binary for one platform. An error carries the compiler's words.
func (c compiler) compile(ctx context.Context, app string, p v1.Platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the binary: %w", err)
	}
	defer os.RemoveAll(dir)

	file := filepath.Join(dir, app)
	cmd := goCmd(ctx, c.goCommand, c.root, append(c.env[:len(c.env):len(c.env)], platformEnv(p)...), c.args(app, file)...)
	words := &words{story: c.log}
	cmd.Stdout, cmd.Stderr = words, words
	err = cmd.Run()
	words.flush()
	if err != nil {
		return nil, fmt.Errorf("compiling %q for %s: %w", appsDir+"/"+app, p, withWords(ctx, err, words.String()))
	}
	io.WriteString(c.log, words.String())
	binary, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the binary of %q: %w", app, err)
	}
	if !bytes.HasPrefix(binary, []byte("\x7fELF")) {
		return nil, fmt.Errorf("compiling %q for %s: its package is not main, so there is no program in it", appsDir+"/"+app, p)
	}
	return binary, nil
}

// args is the go command line. No path, no build id, no VCS stamp and no symbol table, so that only sources count.
func (c compiler) args(app, file string) []string {
	return []string{
		"build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= -X main.version=" + c.version,
		"-o", file, "./" + appsDir + "/" + app,
	}
}

// withWords puts what a tool said behind how it ended. An interrupt is only that.
func withWords(ctx context.Context, err error, said string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if said = strings.TrimSpace(said); said == "" {
		return err
	}
	return fmt.Errorf("%w\n%s", err, said)
}
