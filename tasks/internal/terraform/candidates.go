package terraform

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/hashicorp/go-version"
)

// onPath lists the terraforms of the PATH, each once.
func onPath(path string) []string {
	var found []string
	seen := map[string]bool{}
	for _, dir := range filepath.SplitList(path) {
		candidate := filepath.Join(dir, binaryName())
		info, err := os.Stat(candidate)
		if !filepath.IsAbs(dir) || err != nil || info.IsDir() || !executable(info) {
			continue
		}
		resolved, err := filepath.EvalSymlinks(candidate)
		if err != nil || seen[resolved] {
			continue // /bin is often /usr/bin
		}
		seen[resolved] = true
		found = append(found, candidate)
	}
	return found
}

func executable(info os.FileInfo) bool { return runtime.GOOS == "windows" || info.Mode()&0o111 != 0 }

// cached lists the terraforms of the cache whose version will do, newest first.
func (s Search) cached(wanted version.Constraints) []string {
	if s.CacheDir == "" {
		return nil
	}
	entries, err := os.ReadDir(s.CacheDir)
	if err != nil {
		return nil // no cache yet
	}
	var versions []*version.Version
	for _, e := range entries {
		v, err := version.NewSemver(e.Name())
		if err == nil && wanted.Check(v) && isFile(s.place(e.Name())) {
			versions = append(versions, v)
		}
	}
	slices.SortFunc(versions, func(a, b *version.Version) int { return b.Compare(a) })
	paths := make([]string, 0, len(versions))
	for _, v := range versions {
		paths = append(paths, s.place(v.Original()))
	}
	return paths
}

// place is where the cache keeps a version.
func (s Search) place(v string) string { return filepath.Join(s.CacheDir, v, binaryName()) }

func binaryName() string {
	if runtime.GOOS == "windows" {
		return "terraform.exe"
	}
	return "terraform"
}
