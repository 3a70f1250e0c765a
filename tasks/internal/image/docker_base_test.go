package image

import (
	"archive/tar"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// toolchainBase fills a base image with the Go toolchain of this machine, the modules that the server needs, and what
// is compiled of the standard library.
func toolchainBase(t *testing.T, arch string) func(*tar.Writer) error {
	t.Helper()
	// folders of this machine to those of the image
	files := map[string]string{say(t, "go", "env", "GOROOT"): "usr/local/go"}
	cache := say(t, "go", "env", "GOMODCACHE")
	for line := range strings.Lines(say(t, "go", "list", "-deps",
		"-f={{with .Module}}{{.Path}} {{.Version}} {{.Dir}}{{end}}", "./apps/app")) {
		words := strings.Fields(line)
		if len(words) < 3 {
			continue // this module, or the standard library
		}
		for _, dir := range []string{words[2], filepath.Join(cache, "cache", "download", words[0], "@v")} {
			rel, err := filepath.Rel(cache, dir)
			if err != nil {
				t.Fatal(err)
			}
			files[dir] = filepath.Join("go", "pkg", "mod", rel)
		}
	}
	addLibrary(t, arch, files)
	return func(tw *tar.Writer) error {
		for from, to := range files {
			if err := addFolder(tw, from, to); err != nil {
				return err
			}
		}
		return nil
	}
}

// addLibrary adds the entries of the go command's cache for the standard library: in an engine alone, it takes a minute
// to compile. An entry's name begins with the build id's first part.
func addLibrary(t *testing.T, arch string, files map[string]string) {
	t.Helper()
	cache := say(t, "go", "env", "GOCACHE")
	for line := range strings.Lines(say(t, "env", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "go", "list", "-trimpath",
		"-export", "-deps", "-f={{if .Standard}}{{.BuildID}} {{.Export}}{{end}}", "./apps/app")) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue // another module's, or unsafe
		}
		id, _, _ := strings.Cut(words[0], "/")
		action, err := base64.URLEncoding.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := filepath.Glob(filepath.Join(cache, hex.EncodeToString(action[:1]), hex.EncodeToString(action)+"*-a"))
		if err != nil || len(entries) != 1 {
			t.Fatalf("the cache has %q for %q (%v)", entries, line, err)
		}
		for _, file := range []string{entries[0], words[1]} {
			files[file] = filepath.Join("go", "cache", filepath.Base(filepath.Dir(file)), filepath.Base(file))
		}
	}
}

// say runs a command in the module's root.
func say(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// addFolder packs what a compiler reads: no tests.
func addFolder(tw *tar.Writer, from, to string) error {
	return filepath.WalkDir(from, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || file == filepath.Join(from, "test")):
			return filepath.SkipDir
		case !entry.Type().IsRegular() || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		header := &tar.Header{
			Name: filepath.ToSlash(filepath.Join(to, rel)), Mode: int64(info.Mode().Perm()),
			Size: info.Size(),
		}
		if err := tw.WriteHeader(header); err != nil {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(tw, f)
		return err
	})
}
