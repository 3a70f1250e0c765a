package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	gobuild "go/build"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/lines"
)

// compiler compiles the apps of one module.
type compiler struct {
	goCommand string
	root      string
	env       []string // from buildEnv
	version   string   // becomes main.version
	log       io.Writer
}

// compiler asks the go command for what it needs to know of it.
func (s Source) compiler(ctx context.Context) (compiler, error) {
	c := compiler{goCommand: s.Go, root: s.Root, version: s.Revision.Version(), log: s.Log}
	var err error
	c.env, err = buildEnv(ctx, c.goCommand, s.Root, s.Env, c.log)
	return c, err
}

// compile writes the apps' binaries for one platform into dir. One go command for all loads and compiles what they
// share once, and leaves a binary alone that is up to date. An error carries the compiler's words.
func (c compiler) compile(ctx context.Context, apps []string, p v1.Platform, dir string) error {
	for _, app := range apps {
		if err := isProgram(filepath.Join(c.root, appsDir, app)); err != nil {
			return fmt.Errorf("compiling %q for %s: %w", appsDir+"/"+app, p, err)
		}
	}
	cmd := interruptible(ctx, c.goCommand, c.root, append(c.env[:len(c.env):len(c.env)], platformEnv(p)...),
		c.args(apps, dir)...)
	words := newGoOutput(c.log)
	cmd.Stdout, cmd.Stderr = words, words
	err := cmd.Run()
	words.Flush()
	if err != nil {
		return fmt.Errorf("compiling %s for %s: %w", quoted(apps), p, withWords(ctx, err, words.String()))
	}
	_, _ = io.WriteString(c.log, words.String())
	return nil
}

// args is the go command line. No path and no VCS stamp, so that only sources count, and nothing for debuggers. It keeps
// the symbol table, by which build:vulns knows the linked functions, and the build id, a hash of the same sources, by
// which the go command sees that a binary is up to date.
func (c compiler) args(apps []string, dir string) []string {
	args := []string{
		"build", "-trimpath", "-buildvcs=false",
		"-ldflags=-w -X main.version=" + c.version,
		"-o", dir + string(filepath.Separator), // the separator makes it a folder, for a single app too
	}
	for _, app := range apps {
		args = append(args, "./"+appsDir+"/"+app)
	}
	return args
}

// isProgram refuses a package that is not main: the go command would build it without a word, and write no binary.
func isProgram(dir string) error {
	pkg, err := gobuild.ImportDir(dir, 0)
	if err != nil || pkg.Name == "main" {
		return nil // what cannot be read is the compiler's to say
	}
	return errors.New("its package is not main, so there is no program in it")
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

// outputOf is what a command that answers at once writes to stdout. An error is the first line that it said.
func outputOf(cmd *exec.Cmd) (stdout []byte, err error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err = cmd.Output()
	if first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n"); err != nil && first != "" {
		err = errors.New(strings.TrimPrefix(first, "fatal: ")) // as git begins
	}
	return stdout, err
}

// quoted lists apps as an error shows them.
func quoted(apps []string) string {
	words := make([]string, len(apps))
	for i, app := range apps {
		words[i] = fmt.Sprintf("%q", app)
	}
	return strings.Join(words, ", ")
}

// words splits what a go command writes: downloads go to story as they happen, for they may take a while; the rest
// is kept, because only the end shows whether it belongs into an error.
type goOutput struct {
	lines.Writer
	story io.Writer
	said  strings.Builder
}

func newGoOutput(story io.Writer) *goOutput {
	w := &goOutput{story: story}
	w.Take = w.take
	return w
}

func (w *goOutput) take(line string) {
	switch {
	case line == "":
	case strings.HasPrefix(line, "go: downloading "):
		_, _ = io.WriteString(w.story, line+"\n")
	default:
		w.said.WriteString(line + "\n")
	}
}

func (w *goOutput) String() string { return w.said.String() }

// serial lets several compilers write to one log. A nil w discards.
type serial struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w == nil || len(p) == 0 {
		return len(p), nil
	}
	return s.w.Write(p)
}
