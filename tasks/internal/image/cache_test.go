package image

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// cached is a source of two platforms with a cache of its own.
func cached(t *testing.T) Source {
	t.Helper()
	s := source(write(t, t.TempDir(), program))
	s.Platforms = defaultPlatforms
	s.Cache = filepath.Join(t.TempDir(), "cache")
	return s
}

// stamps are the files of a cache. The go command touches a binary that is up to date, so its time says nothing.
func stamps(t *testing.T, dir string) map[string]fs.FileInfo {
	t.Helper()
	all := map[string]fs.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "lock" {
			return err
		}
		info, err := entry.Info()
		all[path] = info
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestUnchangedSourcesBuildNothing(t *testing.T) {
	s := cached(t)
	first := build(t, s)
	before := stamps(t, s.Cache)
	if len(before) != 4 { // a binary and a note for each platform
		t.Errorf("the cache holds %v, want a binary and a note a platform", before)
	}
	again := build(t, s)
	if again.Digest != first.Digest {
		t.Errorf("Build again = %s, want %s", again.Digest, first.Digest)
	}
	for file, info := range stamps(t, s.Cache) {
		if filepath.Base(file) == "app" && !os.SameFile(info, before[file]) {
			t.Errorf("%s was written again", file)
		}
	}
	uncached := s
	uncached.Cache = ""
	if plain := build(t, uncached); plain.Digest != first.Digest {
		t.Errorf("Build without a cache = %s, want %s", plain.Digest, first.Digest)
	}
}

// TestEditedSourcesReplaceTheBinary also goes back: an older binary must not be taken for up to date.
func TestEditedSourcesReplaceTheBinary(t *testing.T) {
	s := cached(t)
	first := build(t, s)
	edit := func(word string) Built {
		write(t, s.Root,
			map[string]string{"apps/app/plain.go": "//go:build !odd\n\npackage main\n\nconst flavour = \"" + word + "\"\n"})
		return build(t, s)
	}
	if edit("other").Digest == first.Digest {
		t.Error("an edit leaves the digest as it was")
	}
	if got := len(stamps(t, s.Cache)); got != 4 {
		t.Errorf("the cache holds %d files after an edit, want 4", got)
	}
	if back := edit("plain"); back.Digest != first.Digest {
		t.Errorf("Build of the first sources = %s, want %s", back.Digest, first.Digest)
	}
}

// TestPoisonedCache breaks each file of a cache in each way; the digest has to be the right one all the same, and the
// next build has to find the cache repaired.
func TestPoisonedCache(t *testing.T) {
	takesLong(t)
	s := cached(t)
	s.Platforms = s.Platforms[:1] // each has a folder of its own
	want := build(t, s).Digest
	other := s
	other.Revision.Commit = strings.Repeat("f", 40)
	otherCache := filepath.Join(t.TempDir(), "other")
	other.Cache = otherCache
	build(t, other)
	foreign, err := os.ReadFile(filepath.Join(otherCache, "linux-amd64", "bin", "app"))
	if err != nil {
		t.Fatal(err)
	}
	poisons := map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"truncated": func(b []byte) []byte { return b[:len(b)/2] },
		"longer":    func(b []byte) []byte { return append(bytes.Clone(b), 0) },
		"foreign":   func([]byte) []byte { return foreign },
		"flipped": func(b []byte) []byte {
			b = bytes.Clone(b)
			b[len(b)/2] ^= 1
			return b
		},
	}
	for name, poison := range poisons {
		for file := range stamps(t, s.Cache) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, poison(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := build(t, s).Digest; got != want {
				t.Errorf("%s %s: Build = %s, want %s", name, filepath.Base(file), got, want)
			}
			if repaired, err := os.ReadFile(file); err != nil || !bytes.Equal(repaired, content) {
				t.Errorf("%s %s is not repaired (%v)", name, filepath.Base(file), err)
			}
		}
	}
}

// TestPoisonedFolder is about files that are missing, or are folders.
func TestPoisonedFolder(t *testing.T) {
	takesLong(t)
	s := cached(t)
	s.Platforms = s.Platforms[:1]
	want := build(t, s).Digest
	kept := &cache{dir: filepath.Join(s.Cache, "linux-amd64")}
	binary, note := filepath.Join(kept.bin(), "app"), kept.note("app")
	folder := func(file string) func() error {
		return func() error { return errors.Join(os.Remove(file), os.MkdirAll(filepath.Join(file, "x"), 0o700)) }
	}
	poisons := map[string]func() error{
		"no note":       func() error { return os.Remove(note) },
		"no binary":     func() error { return os.Remove(binary) },
		"no folder":     func() error { return os.RemoveAll(kept.bin()) },
		"no cache":      func() error { return os.RemoveAll(s.Cache) },
		"binary folder": folder(binary),
		"note folder":   folder(note),
	}
	for name, poison := range poisons {
		if err := poison(); err != nil {
			t.Fatal(err)
		}
		if got := build(t, s).Digest; got != want {
			t.Errorf("%s: Build = %s, want %s", name, got, want)
		}
		content, err := os.ReadFile(binary)
		noted, noteErr := os.ReadFile(note)
		if err != nil || noteErr != nil || string(noted) != digestOf(content) {
			t.Errorf("%s: %q is noted of %q (%v, %v)", name, noted, digestOf(content), err, noteErr)
		}
	}
}

func TestBuildsShareACache(t *testing.T) {
	takesLong(t)
	s := cached(t)
	s.Platforms = s.Platforms[:1] // each has a folder of its own
	other := s
	other.Revision.Commit = strings.Repeat("f", 40)
	want := build(t, s).Digest
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			built, err := Build(t.Context(), s)
			if err != nil || built[0].Digest != want {
				t.Errorf("Build beside others = %v, %v, want %s", built, err, want)
			}
		})
		group.Go(func() {
			if _, err := Build(t.Context(), other); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestCacheThatCannotBeUsed is a slower build and a line in the log.
func TestCacheThatCannotBeUsed(t *testing.T) {
	s := cached(t)
	want := build(t, s).Digest
	s.Cache = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(s.Cache, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	s.Log = &log
	if got := build(t, s).Digest; got != want {
		t.Errorf("Build = %s, want %s", got, want)
	}
	for _, word := range []string{"building for linux/arm64 without the build cache: ", s.Cache} {
		if !strings.Contains(log.String(), word) {
			t.Errorf("log = %q, want %q in it", log.String(), word)
		}
	}
}

// TestBuildWaitsForTheLock until it is interrupted.
func TestBuildWaitsForTheLock(t *testing.T) {
	s := cached(t)
	s.Platforms = s.Platforms[:1]
	build(t, s)
	dir := filepath.Join(s.Cache, "linux-amd64")
	other, err := lockCache(t.Context(), dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Log = writer(func(p []byte) (int, error) {
		if strings.Contains(string(p), "waiting for another build, which has locked "+dir) {
			cancel()
		}
		return len(p), nil
	})
	if _, err := Build(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("Build while another has the cache, then an interrupt = %v, want %v", err, context.Canceled)
	}
	other.close()
	build(t, s)
}

// writer is a function as an io.Writer.
type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
