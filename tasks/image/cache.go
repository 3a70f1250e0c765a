package image

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/sync/errgroup"
)

// cache is the folder of one platform's last build: the binaries, by which the go command sees what is up to date, and the
// layers made of them. It is locked while it is open: two builds at once would take each other's binaries.
type cache struct {
	dir   string
	lock  func()
	temp  bool
	known map[string]packed // what was there when it was opened
}

// packed is a binary and the layer that was made of it.
type packed struct {
	binary []byte
	layer  layer
}

// openCache opens the platform's folder below dir, or a temporary one where dir is empty.
func openCache(dir string, p v1.Platform) (*cache, error) {
	if dir == "" {
		temp, err := os.MkdirTemp("", "image-*")
		if err != nil {
			return nil, fmt.Errorf("making a folder for the binaries: %w", err)
		}
		return &cache{dir: temp, temp: true, lock: func() {}}, os.Mkdir(filepath.Join(temp, "bin"), 0o700)
	}
	own := filepath.Join(dir, strings.ReplaceAll(p.String(), "/", "-"))
	if err := os.MkdirAll(filepath.Join(own, "bin"), 0o700); err != nil {
		return nil, fmt.Errorf("making the build cache: %w", err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(own, "lock")).Lock()
	if err != nil {
		return nil, fmt.Errorf("locking the build cache: %w", err)
	}
	return &cache{dir: own, lock: unlock}, nil
}

func (c *cache) close() {
	c.lock()
	if c.temp {
		_ = os.RemoveAll(c.dir)
	}
}

// bin is where the go command puts the binaries.
func (c *cache) bin() string { return filepath.Join(c.dir, "bin") }

// verify removes binaries that are not those the layers were made of: the go command takes a binary for up to date by the
// build id at its beginning, even one that a full disk or a crash cut short.
func (c *cache) verify(apps []string) error {
	if c.temp {
		return nil
	}
	known := make([]packed, len(apps))
	var group errgroup.Group
	for i, app := range apps {
		group.Go(func() (err error) {
			known[i], err = c.trusted(app)
			return err
		})
	}
	err := group.Wait()
	c.known = map[string]packed{}
	for i, app := range apps {
		c.known[app] = known[i]
	}
	return err
}

// trusted is an app's binary and the layer that was made of it, or nothing, and then there is no binary.
func (c *cache) trusted(app string) (packed, error) {
	file := filepath.Join(c.bin(), app)
	binary, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return packed{}, nil
	}
	if err == nil {
		id, err := diffID(app, binary)
		if err != nil {
			return packed{}, err
		}
		if made, ok := c.find(app, id); ok {
			return packed{binary, made}, nil
		}
	}
	return packed{}, os.RemoveAll(file)
}

// pack makes the layer of an app's binary, or takes the one that was made of the same binary before.
func (c *cache) pack(app string) (layer, error) {
	binary, err := os.ReadFile(filepath.Join(c.bin(), app))
	if err != nil {
		return layer{}, fmt.Errorf("reading the binary of %q: %w", app, err)
	}
	if known := c.known[app]; known.binary != nil && bytes.Equal(known.binary, binary) {
		return known.layer, nil
	}
	id, err := diffID(app, binary)
	if err != nil {
		return layer{}, err
	}
	made, err := compress(app, binary, id)
	if err == nil && !c.temp {
		c.keep(app, made)
	}
	return made, err
}

// layerSuffix ends the name of a layer's file: APP.DIFFID.DIGEST.tar.gz. What is in it must be what the name says.
const layerSuffix = ".tar.gz"

// find looks for the layer of a binary. A file whose content is not what its name says is as good as none.
func (c *cache) find(app string, id v1.Hash) (layer, bool) {
	for _, file := range c.files(app) {
		words := strings.Split(strings.TrimSuffix(filepath.Base(file), layerSuffix), ".")
		content, err := os.ReadFile(file)
		if err != nil || words[len(words)-2] != id.Hex {
			continue
		}
		sum := sha256.New()
		sum.Write(content)
		if digest := sha(sum); digest.Hex == words[len(words)-1] {
			return layer{compressed: content, digest: digest, diffID: id}, true
		}
	}
	return layer{}, false
}

// keep puts a layer in the place of the app's older ones. That it cannot is no error: the next build takes longer.
func (c *cache) keep(app string, l layer) {
	old := c.files(app)
	file := filepath.Join(c.dir, app+"."+l.diffID.Hex+"."+l.digest.Hex+layerSuffix)
	if err := replace(file, l.compressed); err != nil {
		return
	}
	for _, stale := range old {
		if stale != file {
			_ = os.Remove(stale)
		}
	}
}

// files are the layers that are kept of an app. An app's name may hold dots, so what is behind it is counted.
func (c *cache) files(app string) []string {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil
	}
	var files []string
	for _, entry := range entries {
		rest, ok := strings.CutPrefix(entry.Name(), app+".")
		rest, isLayer := strings.CutSuffix(rest, layerSuffix)
		if ok && isLayer && strings.Count(rest, ".") == 1 {
			files = append(files, filepath.Join(c.dir, entry.Name()))
		}
	}
	return files
}

// replace writes a file whole or not at all.
func replace(file string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".layer-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = bytes.NewReader(content).WriteTo(temp)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}
