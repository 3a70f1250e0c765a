package image

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// layerSuffix ends the name of a layer's file: APP.KEY.DIGEST.tar.gz. One name and one rename say all there is to know
// of a layer: the key is of what it was made of, see [cache.key]; the digest is of what is in the file.
const layerSuffix = ".tar.gz"

// pack makes the layer of an app's binary, or takes the one that was made of the same binary before.
func (c *cache) pack(app string) (layer, error) {
	binary, err := os.ReadFile(filepath.Join(c.bin(), app))
	if err != nil {
		return layer{}, fmt.Errorf("reading the binary of %q: %w", app, err)
	}
	if known := c.known[app]; known.binary != nil && bytes.Equal(known.binary, binary) {
		return known.layer, nil
	}
	made, err := compress(app, binary)
	if err == nil && !c.temp {
		c.keep(app, made)
	}
	return made, err
}

// key is what decides how a layer's bytes turn out: the archive and the compressor.
func (c *cache) key(diffID v1.Hash) string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, c.compressor+"\n"+diffID.String())
	return sha(sum).Hex
}

// find looks for the layer with this diffID. A file with another content than its name says does not count.
func (c *cache) find(app string, diffID v1.Hash) (layer, bool) {
	key := c.key(diffID)
	for _, file := range c.files(app) {
		words := strings.Split(strings.TrimSuffix(filepath.Base(file), layerSuffix), ".")
		if words[len(words)-2] != key {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		sum := sha256.New()
		sum.Write(content)
		if digest := sha(sum); digest.Hex == words[len(words)-1] {
			return layer{compressed: content, digest: digest, diffID: diffID}, true
		}
	}
	return layer{}, false
}

// keep puts a layer in the place of the app's older ones. That it cannot is no error: the next build takes longer.
func (c *cache) keep(app string, l layer) {
	for _, stale := range c.files(app) {
		_ = os.RemoveAll(stale)
	}
	scratch := filepath.Join(c.dir, "."+app+".new") // one that a killed build left is written over
	if err := os.WriteFile(scratch, l.compressed, 0o600); err != nil {
		_ = os.RemoveAll(scratch)
		return
	}
	_ = os.Rename(scratch, filepath.Join(c.dir, app+"."+c.key(l.diffID)+"."+l.digest.Hex+layerSuffix))
}

// files are the layers that are kept of an app. An app's name may hold dots, so what is behind it is counted.
func (c *cache) files(app string) []string {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil
	}
	var files []string
	for _, entry := range entries {
		rest, ours := strings.CutPrefix(entry.Name(), app+".")
		rest, whole := strings.CutSuffix(rest, layerSuffix)
		if ours && whole && strings.Count(rest, ".") == 1 {
			files = append(files, filepath.Join(c.dir, entry.Name()))
		}
	}
	return files
}
