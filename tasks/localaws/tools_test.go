package localaws_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/localaws"
)

// The tests of clients run programs that nobody here wrote against what `mage serve` serves. .ci/run installs the programs.

// lack ends a test that does not have what it needs: as a failure in CI, where nothing may be missing.
func lack(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// need returns the path of a program.
func need(t *testing.T, program, debian string) string {
	t.Helper()
	found, err := exec.LookPath(program)
	if err != nil {
		lack(t, "this test runs %s: apt-get install %s", program, debian)
	}
	return found
}

// install builds a program of another module, pkg@version, outside of this one: go.mod stays as it is.
func install(t *testing.T, pkg string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "install", pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOWORK=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		lack(t, "this test builds %s from the Go module proxy: %v\n%s", pkg, err, out)
	}
	name, _, _ := strings.Cut(path.Base(pkg), "@")
	return filepath.Join(dir, name)
}

// client is a machine of somebody who uses what is served: an empty home, and an environment that names nothing else.
type client struct {
	t    *testing.T
	l    *local
	home string
	env  []string
}

// clients runs a test in both dialects of the registry, each with a repository app.
func clients(t *testing.T, test func(*testing.T, *client)) {
	for _, dialect := range []string{"oci", "ecr"} {
		t.Run(dialect, func(t *testing.T) {
			c := newClient(t, localaws.Options{Dialect: dialect})
			c.l.repository("app")
			test(t, c)
		})
	}
}

func newClient(t *testing.T, o localaws.Options) *client {
	t.Helper()
	c := &client{t: t, l: serve(t, o), home: t.TempDir()}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if name == "PATH" || name == "DOCKER_HOST" {
			c.env = append(c.env, pair)
		}
	}
	c.set("HOME", c.home)
	c.set("DOCKER_CONFIG", filepath.Join(c.home, "docker"))
	c.set("REGISTRY_AUTH_FILE", filepath.Join(c.home, "auth.json"))
	c.set("AWS_ACCESS_KEY_ID", "local")
	c.set("AWS_SECRET_ACCESS_KEY", "local")
	c.set("AWS_REGION", region)
	c.set("AWS_DEFAULT_REGION", region)
	c.set("AWS_EC2_METADATA_DISABLED", "true")
	return c
}

// serve serves a new folder as `mage serve` does.
func serve(t *testing.T, o localaws.Options) *local {
	t.Helper()
	o.Log = t.Logf
	serving, err := localaws.Home{Dir: t.TempDir(), Kind: "serve", Options: o}.Start(t.Context())
	wantOK(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := serving.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &local{t: t, url: serving.URL}
}

func (c *client) set(name, value string) { c.env = append(c.env, name+"="+value) }

// run returns what a program says on stdout. It has to succeed.
func (c *client) run(stdin string, name string, args ...string) string {
	c.t.Helper()
	out, err := c.try(stdin, name, args...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", filepath.Base(name), strings.Join(args, " "), err)
	}
	return out
}

// refused runs a program that has to fail, with words in what it says.
func (c *client) refused(words string, name string, args ...string) {
	c.t.Helper()
	if out, err := c.try("", name, args...); err == nil || !strings.Contains(err.Error(), words) {
		c.t.Errorf("%s %s: got %v %s, want %s", filepath.Base(name), strings.Join(args, " "), err, out, words)
	}
}

func (c *client) try(stdin string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), name, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = c.env, c.home, strings.NewReader(stdin)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), errors.Join(err, errors.New(out.String()+said.String()))
	}
	return out.String(), nil
}

// file writes a file of the client's home and returns its path.
func (c *client) file(name, text string) string {
	c.t.Helper()
	at := filepath.Join(c.home, name)
	wantOK(c.t, os.MkdirAll(filepath.Dir(at), 0o700))
	wantOK(c.t, os.WriteFile(at, []byte(text), 0o600))
	return at
}

// wantText compares what a program said with what it should say, without the white space around it.
func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got := strings.TrimSpace(got); got != want {
		t.Errorf("%s is %q, want %q", what, got, want)
	}
}

// read reads a file of the client's home.
func (c *client) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.home, name))
	wantOK(c.t, err)
	return string(text)
}
