package terraform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// script puts a terraform that only knows its version at dir/name.
func script(t *testing.T, dir, text string) string {
	t.Helper()
	path := filepath.Join(dir, "terraform")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// version is a script that answers, with a warning on stderr as terraform likes to give.
func answer(v string) string {
	return `echo "a warning" >&2; echo '{"terraform_version": "` + v + `", "terraform_outdated": false}'`
}

func TestFindPrefersThePath(t *testing.T) {
	root := t.TempDir()
	old, good, cache := filepath.Join(root, "old"), filepath.Join(root, "good"), filepath.Join(root, "cache")
	tofu := filepath.Join(root, "tofu")
	script(t, old, answer("1.5.7"))
	script(t, tofu, `echo '{"terraform_version": "1.12.0", "provider_selections": {}}'`)
	want := script(t, good, answer("1.12.0"))
	script(t, filepath.Join(cache, "1.13.1"), answer("1.13.1"))
	got, err := Find(t.Context(),
		Search{
			Constraint: ">= 1.11", Path: strings.Join([]string{"relative", old, tofu, good}, string(os.PathListSeparator)),
			CacheDir: cache,
		})
	if err != nil || got != (Binary{Path: want, Version: "1.12.0"}) {
		t.Errorf("Find = %+v, %v, want %s", got, err, want)
	}
}

func TestFindTakesTheNewestOfTheCache(t *testing.T) {
	cache := t.TempDir()
	for _, v := range []string{"1.9.9", "1.11.4", "1.13.1", "1.14.0-beta1", "2.0.0", "not-a-version"} {
		script(t, filepath.Join(cache, v), answer(v))
	}
	got, err := Find(t.Context(), Search{Constraint: ">= 1.11, < 2.0", CacheDir: cache})
	if err != nil || got.Version != "1.13.1" || got.Installed {
		t.Errorf("Find = %+v, %v, want 1.13.1", got, err)
	}
}

func TestFindRunsTheProbeInACleanEnvironment(t *testing.T) {
	dir := t.TempDir()
	script(t, dir, `[ -z "$TF_CLI_ARGS$TF_LOG$TF_CLI_CONFIG_FILE" ] && [ "$SHIM" = kept ] && `+answer("1.11.4"))
	_, err := Find(t.Context(), Search{Constraint: ">= 1.11", Path: dir, Env: map[string]string{
		"TF_CLI_ARGS": "-help", "TF_LOG": "TRACE", "TF_CLI_CONFIG_FILE": "/nowhere/rc", "SHIM": "kept",
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestFindSaysWhatItPassedOver(t *testing.T) {
	root := t.TempDir()
	old, broken, cache := filepath.Join(root, "old"), filepath.Join(root, "broken"), filepath.Join(root, "cache")
	script(t, old, answer("1.5.7"))
	script(t, broken, "echo no such interpreter >&2; exit 126")
	_, err := Find(t.Context(),
		Search{Constraint: ">= 1.11", Path: old + string(os.PathListSeparator) + broken, CacheDir: cache})
	want := "finding terraform >= 1.11: none in the PATH and " + cache +
		" (passed over: " + old + "/terraform: version 1.5.7; " + broken +
		"/terraform: asking for its version: exit status 126: no such interpreter)" +
		"\nhint: put a terraform >= 1.11 on the PATH"
	if err == nil || err.Error() != want {
		t.Errorf("Find = %v\nwant %s", err, want)
	}
}

func TestFindWithoutNetworkSaysWhereToPutOne(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	_, err := Find(t.Context(),
		Search{Constraint: ">= 1.11", CacheDir: cache, Install: "1.11.4", BaseURL: "http://127.0.0.1:1"})
	if err == nil {
		t.Fatal("found one")
	}
	for _, want := range []string{
		"finding terraform >= 1.11: none in the PATH and " +
			cache, "installing version 1.11.4 from http://127.0.0.1:1", "connection refused",
		"\nhint: put a terraform >= 1.11 on the PATH, name one in TERRAFORM_PATH, or put version 1.11.4 at " +
			filepath.Join(cache, "1.11.4", "terraform"),
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Find = %v\nwant %q in it", err, want)
		}
	}
}

func TestFindCancelledGivesNoHint(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Find(ctx, Search{Constraint: ">= 1.11", CacheDir: t.TempDir(), Install: "1.11.4"})
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "hint") {
		t.Errorf("Find = %v, want context.Canceled and no hint", err)
	}
}

func TestFindRefusesNonsense(t *testing.T) {
	for name, s := range map[string]Search{
		"reading version constraint": {Constraint: "newest"},
		"does not satisfy":           {Constraint: ">= 1.11", CacheDir: t.TempDir(), Install: "1.5.7"},
		"reading the version":        {Constraint: ">= 1.11", CacheDir: t.TempDir(), Install: "latest"},
	} {
		if _, err := Find(t.Context(), s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Find(%+v) = %v, want %q", s, err, name)
		}
	}
}

func TestOnPathListsALinkOnce(t *testing.T) {
	root := t.TempDir()
	want := script(t, filepath.Join(root, "usr"), answer("1.11.4"))
	if err := os.Symlink(filepath.Join(root, "usr"), filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(root, "plain")
	if err := os.Rename(script(t, plain, ""), filepath.Join(plain, "x")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(plain, "terraform"), 0o700); err != nil { // a folder of that name is no program
		t.Fatal(err)
	}
	path := strings.Join([]string{plain, filepath.Join(root, "usr"), filepath.Join(root, "bin")},
		string(os.PathListSeparator))
	if got := onPath(path); len(got) != 1 || got[0] != want {
		t.Errorf("onPath on %s = %q, want %q", runtime.GOOS, got, want)
	}
}

func TestFindTakesTheNamedOneOrNone(t *testing.T) {
	root := t.TempDir()
	good, other := script(t, filepath.Join(root, "good"), answer("1.12.0")), script(t, filepath.Join(root, "other"),
		answer("1.5.7"))
	plain := script(t, filepath.Join(root, "plain"), answer("1.12.0"))
	tofu := script(t, filepath.Join(root, "tofu"), `echo '{"terraform_version": "1.12.0", "provider_selections": {}}'`)
	if err := os.Chmod(plain, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := Find(t.Context(),
		Search{Constraint: ">= 1.11", Exact: good}); err != nil || b != (Binary{Path: good, Version: "1.12.0"}) {
		t.Errorf("Find = %+v, %v, want %s", b, err, good)
	}
	for path, want := range map[string]string{
		other: "version 1.5.7", tofu: "it is OpenTofu: its plans", plain: "not executable", root: "it is a folder",
		filepath.Join(root, "none"): "it is not there",
	} {
		_, err := Find(t.Context(), Search{Constraint: ">= 1.11", Exact: path, Path: filepath.Dir(good)})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "TERRAFORM_PATH is "+path) {
			t.Errorf("Find with TERRAFORM_PATH=%s = %v, want %q", path, err, want)
		}
	}
}
