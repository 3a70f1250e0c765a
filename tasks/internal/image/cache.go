package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/files"
)

// cache is the folder of one platform's last build: the binaries, by which the go command sees what is up to date, and
// the layers made of them. It is locked while it is open: two builds at once would take each other's binaries.
type cache struct {
	dir        string
	compressor string // only its layers are used
	known      map[string]cachedLayer
	close      func()
	temp       bool
}

// cachedLayer is a binary and the layer that was made of it.
type cachedLayer struct {
	binary []byte
	layer  layer
}

// openCache opens the platform's folder below dir and reads what is there of the apps. Where dir is empty it is a
// temporary folder, and also, with a line in the log, where dir cannot be used.
func openCache(ctx context.Context, dir string, p v1.Platform, apps []string, log io.Writer) (*cache, error) {
	if dir == "" {
		return tempCache()
	}
	c, err := lockCache(ctx, filepath.Join(dir, strings.ReplaceAll(p.String(), "/", "-")), log)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err == nil {
		if err = c.read(apps); err == nil {
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
	return &cache{dir: dir, temp: true, close: func() { _ = os.RemoveAll(dir) }}, nil
}

// lockCache makes the folder and waits until no other build uses it.
func lockCache(ctx context.Context, dir string, log io.Writer) (*cache, error) {
	c := &cache{dir: dir, compressor: compressor()}
	if err := os.MkdirAll(c.bin(), 0o700); err != nil {
		return nil, err
	}
	var err error
	c.close, err = files.Lock(ctx, filepath.Join(dir, "lock"), func(pid string) {
		fmt.Fprintf(log, "waiting for another build, which has locked %s (process %s)\n", dir, pid)
	})
	return c, err
}

// bin is where the go command puts the binaries.
func (c *cache) bin() string { return filepath.Join(c.dir, "bin") }

// read takes in the binaries that have their layers, and removes the others: the go command believes the build id at
// the beginning of a binary, even of one that a full disk or a crash cut short.
func (c *cache) read(apps []string) error {
	known := make([]cachedLayer, len(apps))
	var group errgroup.Group
	for i, app := range apps {
		group.Go(func() (err error) {
			known[i], err = c.trusted(app)
			return err
		})
	}
	err := group.Wait()
	c.known = map[string]cachedLayer{}
	for i, app := range apps {
		c.known[app] = known[i]
	}
	return err
}

// trusted is an app's binary and the layer that was made of it, or nothing, and then there is no binary.
func (c *cache) trusted(app string) (cachedLayer, error) {
	file := filepath.Join(c.bin(), app)
	binary, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return cachedLayer{}, nil
	}
	if err == nil {
		id, err := diffIDOf(app, binary)
		if err != nil {
			return cachedLayer{}, err
		}
		if made, ok := c.find(app, id); ok {
			return cachedLayer{binary, made}, nil
		}
	}
	return cachedLayer{}, os.RemoveAll(file)
}
