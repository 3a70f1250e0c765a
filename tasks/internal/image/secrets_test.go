//go:build unix

package image

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// secrets are in the environment of a build. No child gets the first three.
var secrets = []string{
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN=secret", "ACTIONS_RUNTIME_TOKEN=secret", "NPM_TOKEN=secret",
	"AWS_SECRET_ACCESS_KEY=secret", "GITHUB_TOKEN=secret", "GH_TOKEN=secret",
}

// noting is the start of a script that notes which secrets it gets, by its first argument.
func noting(dir string) string { return `env | grep =secret$ >'` + dir + `/'"$1"; ` }

func wantSecrets(t *testing.T, dir, command string, want int) {
	t.Helper()
	said, err := os.ReadFile(filepath.Join(dir, command))
	if got := strings.Count(string(said), "\n"); err != nil || got != want {
		t.Errorf("%s gets %d of the secrets, want %d (%v):\n%s", command, got, want, err, said)
	}
}

// TestCompilingGetsNoKeys: a missing module is downloaded with keys, and compiled without.
func TestCompilingGetsNoKeys(t *testing.T) {
	module, cache, noted := t.TempDir(), t.TempDir(), t.TempDir()
	proxy := write(t, t.TempDir(), map[string]string{
		"example.com/lib/@v/v1.0.0.mod": "module example.com/lib\n", "example.com/lib/@v/v1.0.0.info": `{"Version": "v1.0.0"}`,
	})
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for name, text := range map[string]string{
		"go.mod": "module example.com/lib\n", "lib.go": "package lib\n\nconst Flavour = \"downloaded\"\n",
	} {
		file, err := archive.Create("example.com/lib@v1.0.0/" + name)
		if err == nil {
			_, err = file.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, proxy, map[string]string{"example.com/lib/@v/v1.0.0.zip": packed.String()})
	write(t, module, map[string]string{
		"go.mod":           "module example.com/demo\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
		"apps/app/main.go": "package main\n\nimport \"example.com/lib\"\n\nvar version string\n\nfunc main() { println(lib.Flavour, version) }\n",
	})
	env := append(slices.Clip(secrets), "GOPROXY=file://"+proxy, "GOMODCACHE="+cache, "GOFLAGS=-modcacherw", "GONOSUMDB=*", "GONOPROXY=",
		"GOPRIVATE=", "GOSUMDB=off")
	s := source(module, env...)
	s.Go = script(t, noting(noted)+`exec $GO "$@"`)
	sum(t, s)
	var story strings.Builder
	s.Log = &story
	build(t, s)
	wantSecrets(t, noted, "list", 3)
	wantSecrets(t, noted, "build", 0)
	if !strings.Contains(story.String(), "go: downloading example.com/lib v1.0.0") {
		t.Errorf("the story is %q, want the download in it", story.String())
	}
	if err := os.Remove(filepath.Join(noted, "list")); err != nil {
		t.Fatal(err)
	}
	build(t, s)
	if _, err := os.Stat(filepath.Join(noted, "list")); err == nil {
		t.Error("the second build looks for modules, which are all there")
	}
}

// sum writes the module's go.sum, and leaves no module in the cache.
func sum(t *testing.T, s Source) {
	t.Helper()
	cmd := interruptible(t.Context(), "go", s.Root, s.Env, "mod", "tidy")
	if _, err := cmd.Output(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(lookup(s.Env, "GOMODCACHE")); err != nil {
		t.Fatal(err)
	}
}

// TestGitAndDockerGetTheirs: git looks at a commit and asks nobody; docker's credential helpers may need keys.
func TestGitAndDockerGetTheirs(t *testing.T) {
	bin, noted := t.TempDir(), t.TempDir()
	for _, name := range []string{"git", "docker"} {
		body := "#!/bin/sh\nPATH=/usr/bin:/bin\nset -- " + name + "\n" + noting(noted) + "exit 1\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(body), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	env := append(os.Environ(), secrets...)
	if _, err := Head(t.Context(), t.TempDir(), env); err != nil {
		t.Fatal(err)
	}
	wantSecrets(t, noted, "git", 0)
	if _, err := DockerEngine(t.Context(), env); err == nil {
		t.Error("a docker that fails is an engine")
	}
	wantSecrets(t, noted, "docker", 3)
}
