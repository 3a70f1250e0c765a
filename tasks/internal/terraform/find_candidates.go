package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-version"

	"envoy-proxy-poc/tasks/internal/child"
)

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

// cached lists the terraforms of the cache with a wanted version, newest first.
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

func (s Search) place(v string) string { return filepath.Join(s.CacheDir, v, binaryName()) }

func binaryName() string {
	if runtime.GOOS == "windows" {
		return "terraform.exe"
	}
	return "terraform"
}

// probeTimeout is generous: the first start after a download may wait for a virus scanner, or a slow disk.
const probeTimeout = time.Minute

// probe asks a binary for its version. terraform puts its warnings on stderr.
func (s Search) probe(ctx context.Context, path string) (*version.Version, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := child.Command(ctx, s.probeEnv(), path, "version", "-json")
	cmd.Dir = s.Dir
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // it only prints: here killing does no harm
	err := cmd.Run()
	first, _, _ := strings.Cut(clean(stderr.String()), "\n")
	var answer struct {
		Version  string `json:"terraform_version"`
		Outdated *bool  `json:"terraform_outdated"` // OpenTofu does not say it
	}
	switch {
	case err != nil && ctx.Err() != nil:
		err = ctx.Err()
	case err != nil && first != "":
		err = fmt.Errorf("%w: %s", err, first)
	case err == nil && (json.Unmarshal(stdout.Bytes(), &answer) != nil || answer.Version == ""):
		err = errors.New("the answer has none")
	case err == nil && answer.Outdated == nil:
		return nil, errors.New("it is OpenTofu: its plans and state may differ from what these targets read of Terraform's")
	}
	if err != nil {
		return nil, fmt.Errorf("asking for its version: %w", err)
	}
	return version.NewVersion(answer.Version)
}

// probeEnv is the environment terraform will have, so that a version manager answers now what it will do later.
func (s Search) probeEnv() []string {
	env, _ := environment(Options{Env: s.Env, Dir: s.Dir})
	env["PATH"] = s.Path
	return assignments(env)
}
