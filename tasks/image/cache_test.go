package image

import (
	"bytes"
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

// stamps are the files of a cache. The go command touches a binary that is up to date, so times say nothing.
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
	if len(before) != 4 { // a binary and a layer for each platform
		t.Errorf("the cache holds %v, want a binary and a layer a platform", before)
	}
	again := build(t, s)
	if again.Digest != first.Digest {
		t.Errorf("Build again = %s, want %s", again.Digest, first.Digest)
	}
	for file, info := range stamps(t, s.Cache) {
		if !os.SameFile(info, before[file]) {
			t.Errorf("%s was written again", file)
		}
	}
	uncached := s
	uncached.Cache = ""
	if plain := build(t, uncached); plain.Digest != first.Digest {
		t.Errorf("Build without a cache = %s, want %s", plain.Digest, first.Digest)
	}
}

// TestEditedSourcesReplaceTheLayer also goes back: an older binary must not be taken for up to date.
func TestEditedSourcesReplaceTheLayer(t *testing.T) {
	s := cached(t)
	first := build(t, s)
	edit := func(word string) Built {
		write(t, s.Root, map[string]string{"apps/app/plain.go": "//go:build !odd\n\npackage main\n\nconst flavour = \"" + word + "\"\n"})
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

// TestPoisonedCache breaks each file of a cache in each way; the digest has to be the right one all the same.
func TestPoisonedCache(t *testing.T) {
	s := cached(t)
	want := build(t, s).Digest
	poisons := map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"truncated": func(b []byte) []byte { return b[:len(b)/2] },
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
		}
	}
}

func TestBuildsShareACache(t *testing.T) {
	s := cached(t)
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

// TestCacheThatCannotBeMade is an error that names the folder, not a slower build: the user asked for it.
func TestCacheThatCannotBeMade(t *testing.T) {
	s := cached(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Cache = file
	_, err := Build(t.Context(), s)
	wantError(t, err, "making the build cache", file)
}
