package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// keep is how long an upload may take, and how long a layer that no image uses stays.
const keep = 24 * time.Hour

// Sweep collects what nobody will ask for again: uploads that were given up, layers that no image has used for a day,
// and files that no repository holds. It carries out the lifecycle policies that are due. Open runs it, then every hour.
func (c *Catalog) Sweep(ctx context.Context) {
	c.sweepImages(ctx)
	c.sweepUploads(ctx)
	stale, err := c.staleLayers(ctx)
	if err != nil {
		c.log("looking for unused layers: %v", err)
	}
	for _, layer := range stale {
		if ctx.Err() != nil {
			return
		}
		if err := c.dropLayer(layer); err != nil {
			c.log("dropping layer %q of %q: %v", layer.digest, layer.repository, err)
		}
	}
	c.sweepFiles(ctx)
}

func (c *Catalog) sweepUploads(ctx context.Context) {
	entries, err := os.ReadDir(filepath.Join(c.dir, "uploads"))
	if err != nil {
		c.log("looking for uploads: %v", err)
	}
	for _, entry := range entries {
		id, isNote := strings.CutSuffix(entry.Name(), ".json")
		if !isNote || ctx.Err() != nil {
			continue
		}
		s, err := c.loadSession(id)
		if err != nil || s == nil || c.now().Sub(s.note.StartedAt) < keep || !s.mu.TryLock() {
			continue
		}
		if err := s.forget(c); err != nil {
			c.log("removing upload %q: %v", id, err)
		}
		s.mu.Unlock()
	}
}

// tidyUploads removes what a process that was killed left of an upload that it was just beginning or ending: a file
// without its note, or the other way round. It is for Open: no upload is under way yet.
func (c *Catalog) tidyUploads() error {
	dir := filepath.Join(c.dir, "uploads")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if s, err := c.loadSession(strings.TrimSuffix(entry.Name(), ".json")); s != nil && err == nil {
			continue
		}
		if err := removeIfThere(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

type heldLayer struct{ region, repository, digest string }

func (c *Catalog) staleLayers(ctx context.Context) (stale []heldLayer, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		holds := tx.Bucket(bucketBlobs).Cursor()
		for k, _ := holds.First(); k != nil && ctx.Err() == nil; k, _ = holds.Next() {
			part := bytes.SplitN(k, []byte{0}, 3)
			one := heldLayer{region: string(part[1]), repository: string(part[2]), digest: string(part[0])}
			rp, err := (&Registry{c, one.region}).enter(tx, one.repository)
			if err != nil {
				return err
			}
			if rp.unused(one.digest) {
				stale = append(stale, one)
			}
		}
		return nil
	})
	return stale, err
}

// unused reports whether no image has used a layer for so long that it can go.
func (rp *repo) unused(digest string) bool {
	layer := Layer{}
	raw := rp.in(bucketLayers).Get([]byte(digest))
	return raw != nil && len(related(rp.in(bucketUses), digest, 1)) == 0 &&
		json.Unmarshal(raw, &layer) == nil && rp.c.now().Sub(layer.Since) >= keep
}

func (c *Catalog) dropLayer(layer heldLayer) error {
	r := &Registry{c, layer.region}
	err := r.update(layer.repository, func(rp *repo) error {
		if !rp.unused(layer.digest) {
			return nil
		}
		if err := rp.in(bucketLayers).Delete([]byte(layer.digest)); err != nil {
			return err
		}
		return rp.tx.Bucket(bucketBlobs).Delete(rp.holds(layer.digest))
	})
	return notFoundIsFine(err)
}

// sweepFiles removes blobs that no repository holds: those of dropped layers, and those of a process that was killed
// after it put a file in place and before it entered it.
func (c *Catalog) sweepFiles(ctx context.Context) {
	folders, err := os.ReadDir(filepath.Join(c.dir, "blobs", "sha256"))
	if err != nil {
		c.log("looking for layers: %v", err)
	}
	for _, folder := range folders {
		if ctx.Err() != nil {
			return
		}
		files, err := os.ReadDir(filepath.Join(c.dir, "blobs", "sha256", folder.Name()))
		if err != nil {
			c.log("looking for layers: %v", err)
		}
		var digests []string
		for _, file := range files {
			if digest := "sha256:" + file.Name(); IsDigest(digest) {
				digests = append(digests, digest)
			}
		}
		c.removeFiles(digests)
	}
}
