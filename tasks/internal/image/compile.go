package image

import (
	"context"
	"errors"
	"fmt"
	gobuild "go/build"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/child"
	"envoy-proxy-poc/tasks/internal/lines"
)

type compiler struct {
	goCommand string
	root      string
	env       []string // from buildEnv
	log       io.Writer
}

func (s Source) compiler(ctx context.Context) (*compiler, error) {
	if s.asked != nil {
		return s.asked, nil
	}
	c := &compiler{goCommand: s.Go, root: s.Root, log: s.Log}
	var err error
	if c.env, err = c.buildEnv(ctx, s.Env); err != nil {
		return c, err
	}
	c.tellUnused(ctx, s.Env)
	mod := "readonly" // also where there is a vendor folder, which the go command would else use by itself
	if s.vendored() {
		mod = "vendor"
	} else if isThere(filepath.Join(s.Root, "vendor")) {
		fmt.Fprintln(s.Log, "vendor/ is not used: the commit does not hold it")
	}
	c.env = append(c.env, "GOFLAGS=-mod="+mod)
	return c, nil
}

// tellUnused says which of the user's settings a build does not follow: they would make another program.
func (c compiler) tellUnused(ctx context.Context, env []string) {
	env = append(slices.Clip(env), "GOTOOLCHAIN="+lookup(c.env, "GOTOOLCHAIN"))
	said, _, err := c.run(ctx, env, "env", "GOFLAGS", "GOWORK")
	flags, work, _ := strings.Cut(string(said), "\n")
	if err != nil { // the go command cannot read them
		flags, work = lookup(env, "GOFLAGS"), lookup(env, "GOWORK")
	}
	if flags != "" {
		fmt.Fprintf(c.log, "GOFLAGS is not used, because flags can change the images: %s\n", flags)
	}
	if work = strings.TrimSpace(work); work != "" && work != "off" {
		fmt.Fprintf(c.log, "%s is not used: go.mod alone says what the images are made of\n", work)
	}
}

func isThere(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// compile writes the apps' binaries for one platform into dir, with one go command for all.
func (c compiler) compile(ctx context.Context, apps []string, version string, p v1.Platform, dir string) error {
	for _, app := range apps {
		if err := isProgram(filepath.Join(c.root, appsDir, app)); err != nil {
			return fmt.Errorf("compiling %q for %s: %w", appsDir+"/"+app, p, err)
		}
	}
	env := append(slices.Clip(c.env), platformEnv(p)...)
	alone := append(child.WithoutKeys(env), offline...)
	_, said, err := c.run(ctx, alone, compileArgs(apps, version, dir)...)
	if err != nil && strings.Contains(said, offline[0]) {
		if _, _, err = c.run(ctx, env, "list", "-deps", `-f={{""}}`, "./"+appsDir+"/..."); err == nil {
			_, said, err = c.run(ctx, alone, compileArgs(apps, version, dir)...)
		}
	}
	if err != nil {
		return fmt.Errorf("compiling %s for %s: %w", quoted(apps), p, err)
	}
	_, _ = io.WriteString(c.log, said)
	return nil
}

// offline lets go compile without the network, as it has no key for a module proxy. If a module is missing, the list of
// packages makes go download what they need, with keys.
var offline = []string{"GOPROXY=off", "GONOPROXY=none"}

// run returns what a go command writes and what it says; an error has these words too.
func (c compiler) run(ctx context.Context, env []string, args ...string) (stdout []byte, said string, err error) {
	var kept strings.Builder
	words := goWords(c.log, &kept)
	cmd := interruptible(ctx, c.goCommand, c.root, env, args...)
	cmd.Stderr = words
	stdout, err = cmd.Output()
	words.Flush()
	if err != nil {
		err = withWords(ctx, err, kept.String())
	}
	return stdout, kept.String(), err
}

// goWords sends downloads to story as they happen, and keeps the rest, which may belong into an error.
func goWords(story io.Writer, kept *strings.Builder) *lines.Writer {
	return &lines.Writer{Take: func(line string) {
		switch {
		case line == "":
		case strings.HasPrefix(line, "go: downloading "):
			_, _ = io.WriteString(story, line+"\n")
		default:
			kept.WriteString(line + "\n")
		}
	}}
}

// compileArgs is the go command line. Only sources count: no path, no VCS stamp. The symbol table is for build:vulns;
// the build id shows the go command that a binary is up to date.
func compileArgs(apps []string, version, dir string) []string {
	return append([]string{
		"build", "-trimpath", "-buildvcs=false",
		"-ldflags=-w -X main.version=" + version,
		"-o", dir + string(filepath.Separator), // the separator makes it a folder, for a single app too
	}, packagesOf(apps)...)
}

func packagesOf(apps []string) []string {
	var packages []string
	for _, app := range apps {
		packages = append(packages, "./"+appsDir+"/"+app)
	}
	return packages
}

// isProgram refuses a package that is not main, for which the go command would write no binary without a word.
func isProgram(dir string) error {
	pkg, err := gobuild.ImportDir(dir, 0)
	if err != nil || pkg.Name == "main" {
		return nil // what cannot be read is the compiler's to say
	}
	return errors.New("its package is not main, so there is no program in it")
}

func withWords(ctx context.Context, err error, said string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if said = strings.TrimSpace(said); said == "" {
		return err
	}
	return fmt.Errorf("%w\n%s", err, said)
}

func quoted(apps []string) string { return `"` + strings.Join(apps, `", "`) + `"` }

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
