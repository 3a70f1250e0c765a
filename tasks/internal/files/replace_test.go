package files

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "file")
	check := func(content string, mode os.FileMode) {
		t.Helper()
		if err := Replace(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != content {
			t.Errorf("the file holds %q (%v), want %q", text, err, content)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("its mode is %v (%v), want %v", info.Mode(), err, mode)
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
			t.Errorf("the folder holds %v (%v), want the file alone", entries, err)
		}
	}
	check("one", 0o600)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	check("two", 0o644)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	check("two", 0o644)
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Error("a file that had the content already was replaced")
	}
}
