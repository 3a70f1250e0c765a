package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
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
	for where, digests := range stale {
		for some := range slices.Chunk(digests, 1000) {
			if ctx.Err() != nil {
				return
			}
			if err := c.dropLayers(where, some); err != nil {
				c.log("dropping layers of %q: %v", where.repository, err)
			}
		}
	}
	c.sweepFiles(ctx)
}

// sweepSafely sweeps, and keeps a panic from ending the process.
func (c *Catalog) sweepSafely(ctx context.Context) {
	defer func() {
		if wrong := recover(); wrong != nil {
			c.log("looking for what is not needed any more: %v\n%s", wrong, debug.Stack())
		}
	}()
	c.Sweep(ctx)
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

// place is a repository of any region.
type place struct{ region, repository string }

// staleLayers are the digests of layers that can go, by where they are.
func (c *Catalog) staleLayers(ctx context.Context) (map[place][]string, error) {
	stale := map[place][]string{}
	err := c.db.View(func(tx *bbolt.Tx) error {
		holds := tx.Bucket(bucketBlobs).Cursor()
		for k, _ := holds.First(); k != nil && ctx.Err() == nil; k, _ = holds.Next() {
			part := bytes.SplitN(k, []byte{0}, 3)
			digest, where := string(part[0]), place{region: string(part[1]), repository: string(part[2])}
			rp, err := (&Registry{c, where.region}).enter(tx, where.repository)
			if err != nil {
				return err
			}
			if rp.unused(digest) {
				stale[where] = append(stale[where], digest)
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

// dropLayers drops those that nobody has come to use meanwhile.
func (c *Catalog) dropLayers(where place, digests []string) error {
	err := (&Registry{c, where.region}).update(where.repository, func(rp *repo) error {
		for _, digest := range digests {
			if !rp.unused(digest) {
				continue
			}
			if err := rp.in(bucketLayers).Delete([]byte(digest)); err != nil {
				return err
			}
			if err := rp.tx.Bucket(bucketBlobs).Delete(rp.holds(digest)); err != nil {
				return err
			}
		}
		return nil
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
