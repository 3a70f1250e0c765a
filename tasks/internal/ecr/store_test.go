package ecr

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"envoy-proxy-poc/tasks/internal/files"
)

const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

var credential = Credential{Host: host, Username: "AWS", Password: "hunter2"}

func TestMain(m *testing.M) {
	if dir := os.Getenv("ECR_TEST_STORE_DIR"); dir != "" { // this process is one of TestStoreFromSeveralProcesses
		for i := range 10 {
			c := credential
			c.Host = fmt.Sprintf("%s-%d.example", os.Getenv("ECR_TEST_STORE_NAME"), i)
			if _, err := Store(context.Background(), dir, c, StoreOptions{}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		return
	}
	os.Exit(m.Run())
}

// tempDir is a folder by its own name: on a Mac, TempDir's goes through a link.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The file is made with its folder, for the user alone, under the bare host, and nothing is printed.
func TestStoreInANewFile(t *testing.T) {
	dir := filepath.Join(tempDir(t), "a", "b")
	printed := capture(t, func() {
		stored, err := Store(t.Context(), dir, credential, StoreOptions{})
		if want := (Stored{File: filepath.Join(dir, "config.json")}); err != nil || stored != want {
			t.Errorf("got %+v, %v, want %+v", stored, err, want)
		}
	})
	if printed != "" {
		t.Errorf("it printed %q", printed)
	}
	auth := base64.StdEncoding.EncodeToString([]byte("AWS:hunter2"))
	if text := read(t, filepath.Join(dir, "config.json")); !strings.Contains(text,
		`"`+host+`": {`) || !strings.Contains(text, auth) {
		t.Errorf("the file is %s", text)
	}
	for name, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "config.json"): 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

func capture(t *testing.T, act func()) string {
	t.Helper()
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout, os.Stderr = in, in
	act()
	_ = in.Close()
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What others keep in the file stays, a file that all can read is narrowed, and a link stays a link.
func TestStoreInAnExistingFile(t *testing.T) {
	dir, elsewhere := tempDir(t), filepath.Join(tempDir(t), "docker.json")
	write(t, elsewhere,
		`{"auths":{"other.example":{"auth":"bWU6cHc="},"`+host+
			`":{"auth":"QVdTOm9sZA=="}},"currentContext":"far","newer":{"setting":[1.50,"<x>"]},`+
			`"credHelpers":{"gcr.io":"gcloud"}}`, 0o644)
	if err := os.Symlink(elsewhere, filepath.Join(dir, "config.json")); err != nil {
		t.Fatal(err)
	}
	if stored, err := Store(t.Context(), dir, credential, StoreOptions{}); err != nil || stored.File != elsewhere {
		t.Fatalf("got %+v, %v, want it in %s", stored, err, elsewhere)
	}
	text := read(t, elsewhere)
	for _, word := range []string{
		`"auth": "bWU6cHc="`, `"currentContext": "far"`, `"newer": {`, `1.50`,
		`"gcr.io": "gcloud"`, base64.StdEncoding.EncodeToString([]byte("AWS:hunter2")),
	} {
		if !strings.Contains(text, word) {
			t.Errorf("%s is not in %s", word, text)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(elsewhere))
	if err != nil || len(entries) != 2 { // with the lock
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if target, err := os.Readlink(filepath.Join(dir, "config.json")); err != nil || target != elsewhere {
		t.Errorf("the link is now %q, %v", target, err)
	}
	if info, err := os.Stat(elsewhere); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode().Perm(), err)
	}
}

func TestStoreThroughADanglingLink(t *testing.T) {
	dir := tempDir(t)
	target := filepath.Join(dir, "not-yet.json")
	if err := os.Symlink(target, filepath.Join(dir, "config.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Store(t.Context(), dir, credential, StoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(read(t, target), host) {
		t.Error("the link's target was not written")
	}
}

// A file that cannot be understood is never written to.
func TestStoreLeavesAMalformedFileAlone(t *testing.T) {
	tests := map[string]string{
		"cut off":         "{\n  \"auths\": {\n",
		"two values":      `{"auths":{}} {"auths":{}}`,
		"rubbish after":   `{"auths":{}} rubbish`,
		"not an object":   `[]`,
		"wrong type":      `{"auths":[]}`,
		"not base64":      `{"auths":{"x":{"auth":"???"}}}`,
		"no user in auth": `{"auths":{"x":{"auth":"aGk="}}}`,
		"a comment":       "{ // mine\n}",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			dir := tempDir(t)
			file := filepath.Join(dir, "config.json")
			write(t, file, text, 0o600)
			_, err := Store(t.Context(), dir, credential, StoreOptions{})
			if err == nil || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("err = %v, want one that names %s", err, file)
			}
			if got := read(t, file); got != text {
				t.Errorf("the file is now %q, was %q", got, text)
			}
		})
	}
	empty := tempDir(t)
	write(t, filepath.Join(empty, "config.json"), " \n", 0o600)
	if _, err := Store(t.Context(), empty, credential, StoreOptions{}); err != nil {
		t.Errorf("err = %v for an empty file, want none", err)
	}
	if _, err := Store(t.Context(), "", credential, StoreOptions{}); err == nil {
		t.Error("no error for no directory")
	}
}

func TestStoreShadowed(t *testing.T) {
	tests := map[string]struct {
		value string
		want  bool
	}{
		"unset":                                  {"", false},
		"this registry":                          {`{"auths":{"` + host + `":{"auth":"bWU6cHc="}}}`, true},
		"another registry":                       {`{"auths":{"x":{"auth":"bWU6cHc="}}}`, false},
		"what docker ignores for an unknown key": {`{"credsStore":"x","auths":{"` + host + `":{"auth":"bWU6cHc="}}}`, false},
		"what docker ignores for a missing auth": {`{"auths":{"` + host + `":{}}}`, false},
		"what docker cannot read":                {`{`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			stored, err := Store(t.Context(), tempDir(t), credential, StoreOptions{DockerAuthConfig: test.value})
			if err != nil || stored.Shadowed != test.want {
				t.Errorf("got %+v, %v, want shadowed: %v", stored, err, test.want)
			}
		})
	}
}

func TestStoreFromSeveralProcesses(t *testing.T) {
	dir := tempDir(t)
	write(t, filepath.Join(dir, "config.json"), `{"auths":{"before.example":{"auth":"bWU6cHc="}}}`, 0o600)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		wait.Go(func() {
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), "ECR_TEST_STORE_DIR="+dir, "ECR_TEST_STORE_NAME="+name)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("process %s: %v: %s", name, err, out)
			}
		})
		wait.Go(func() {
			c := credential
			c.Host = name + ".goroutine.example"
			if _, err := Store(t.Context(), dir, c, StoreOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	config, err := loadConfig(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(config.AuthConfigs), 1+4*10+4; got != want {
		t.Errorf("%d entries, want %d", got, want)
	}
}

func TestStoreStopsWaitingForTheLock(t *testing.T) {
	dir := tempDir(t)
	unlock, err := files.Lock(t.Context(), filepath.Join(dir, "config.json.lock"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Store(ctx, dir, credential, StoreOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	unlock()
	if _, err := Store(t.Context(), dir, credential, StoreOptions{}); err != nil {
		t.Errorf("err = %v after the lock was given back", err)
	}
}
