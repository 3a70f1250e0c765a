//go:build unix

package image

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script makes a go command of a shell script; $GO is the real one.
func script(t *testing.T, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "go")
	if err := os.WriteFile(file, []byte("#!/bin/sh\nGO=go\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestUnchangedSourcesRunNoTool lets the go command print what it runs.
func TestUnchangedSourcesRunNoTool(t *testing.T) {
	s := cached(t)
	s.Go = script(t, `if [ "$1" = build ]; then shift; set -- build -x "$@"; fi; exec $GO "$@"`)
	tools := func() map[string]int {
		var log bytes.Buffer
		s.Log = &log
		build(t, s)
		count := map[string]int{}
		for _, tool := range []string{"compile", "asm", "link"} {
			if n := strings.Count(log.String(), "/"+tool+" "); n > 0 {
				count[tool] = n
			}
		}
		return count
	}
	if first := tools(); first["link"] != len(s.Platforms) {
		t.Errorf("the first build runs %v, want %d links", first, len(s.Platforms))
	}
	if again := tools(); len(again) > 0 {
		t.Errorf("an unchanged build runs %v", again)
	}
}

// TestGoIsAskedOnce for all its settings, and once for those of the user that are not used, whatever the number of apps and platforms.
func TestGoIsAskedOnce(t *testing.T) {
	s := cached(t)
	write(t, s.Root, map[string]string{"apps/client/main.go": "package main\n\nfunc main() {}\n"})
	s.Apps = []string{"client", "app"}
	calls := filepath.Join(t.TempDir(), "calls")
	s.Go = script(t, `echo "$1" >>'`+calls+`'; exec $GO "$@"`)
	built, err := Build(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(built) != 2 || built[0].App != "client" || built[1].App != "app" {
		t.Errorf("Build = %v, want client, then app", built)
	}
	said, err := os.ReadFile(calls)
	if err != nil || string(said) != "env\nenv\nbuild\nbuild\n" {
		t.Errorf("Build of two apps for two platforms runs go %q (%v)", said, err)
	}
}

// TestInterruptedBuild stops a go command that has written half a binary.
func TestInterruptedBuild(t *testing.T) {
	s := cached(t)
	s.Platforms = s.Platforms[:1]
	want := build(t, s).Digest
	bin := filepath.Join(s.Cache, "linux-amd64", "bin", "app")

	ctx, cancel := context.WithCancel(t.Context())
	stopped := s
	stopped.Go = script(t, `if [ "$1" = env ]; then exec $GO "$@"; fi
		head -c 100000 '`+bin+`' >'`+bin+`.half' && mv '`+bin+`.half' '`+bin+`'
		trap 'exit 1' INT
		echo 'go: downloading half' >&2
		while :; do sleep 0.01; done`)
	stopped.Log = writer(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	if _, err := Build(ctx, stopped); !errors.Is(err, context.Canceled) {
		t.Fatalf("Build that is interrupted = %v, want %v", err, context.Canceled)
	}
	if info, err := os.Stat(bin); err != nil || info.Size() != 100000 {
		t.Fatalf("the test leaves no half binary: %v", err)
	}
	if got := build(t, s).Digest; got != want {
		t.Errorf("Build after an interrupt = %s, want %s", got, want)
	}
}
