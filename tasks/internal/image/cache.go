package image

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/files"
)

// cache is the folder of one platform's last build: the binaries, by which the go command sees what is up to date, and
// the digest of each. It is locked while it is open.
type cache struct {
	dir   string
	close func()
}

// openCache opens the platform's folder below dir, without binaries that are not whole. Where dir is empty or, with a
// line in the log, cannot be used, it is a temporary folder.
func openCache(ctx context.Context, dir string, p v1.Platform, apps []string, log io.Writer) (*cache, error) {
	if dir == "" {
		return tempCache()
	}
	c, err := lockCache(ctx, filepath.Join(dir, strings.ReplaceAll(p.String(), "/", "-")), log)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err == nil {
		if err = c.verify(apps); err == nil {
			return c, nil
		}
		c.close()
	}
	fmt.Fprintf(log, "building for %s without the build cache: %v\n", p, err)
	return tempCache()
}

func tempCache() (*cache, error) {
	dir, err := os.MkdirTemp("", "image-*")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the binaries: %w", err)
	}
	return &cache{dir: dir, close: func() { _ = os.RemoveAll(dir) }}, nil
}

func lockCache(ctx context.Context, dir string, log io.Writer) (*cache, error) {
	c := &cache{dir: dir}
	if err := os.MkdirAll(c.bin(), 0o700); err != nil {
		return nil, err
	}
	var err error
	c.close, err = files.Lock(ctx, filepath.Join(dir, "lock"), func(pid string) {
		fmt.Fprintf(log, "waiting for another build, which has locked %s (process %s)\n", dir, pid)
	})
	return c, err
}

func (c *cache) bin() string { return filepath.Join(c.dir, "bin") }

func (c *cache) note(app string) string { return filepath.Join(c.dir, app+".sha256") }

// verify removes binaries that are not as noted: the go command believes the build id of one that was cut short.
func (c *cache) verify(apps []string) error {
	for _, app := range apps {
		file := filepath.Join(c.bin(), app)
		binary, err := os.ReadFile(file)
		noted, noteErr := os.ReadFile(c.note(app))
		if err == nil && noteErr == nil && string(noted) == digestOf(binary) {
			continue
		}
		if err := os.RemoveAll(file); err != nil {
			return err
		}
	}
	return nil
}

func digestOf(binary []byte) string { return fmt.Sprintf("%x", sha256.Sum256(binary)) }

// pack makes the layer of an app's binary, and notes its digest. A failed note only makes the next build longer.
func (c *cache) pack(app string) (layer, error) {
	binary, err := os.ReadFile(filepath.Join(c.bin(), app))
	if err != nil {
		return layer{}, fmt.Errorf("reading the binary of %q: %w", app, err)
	}
	_ = os.RemoveAll(c.note(app))
	_ = os.WriteFile(c.note(app), []byte(digestOf(binary)), 0o600)
	return compress(app, binary)
}
