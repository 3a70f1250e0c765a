package s3

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// files is the folder of bodies too large for the database. Names are random ids, so no object key
// can leave it.
type files struct {
	bodies, temp string

	// gate orders readers and removers: a reader finds its record and pins the files within one read
	// lock; a remover, whose record is gone by then, unlinks under the write lock what is not pinned.
	gate   sync.RWMutex
	mu     sync.Mutex // guards the maps among readers
	pins   map[string]int
	doomed map[string]bool // to unlink at the last unpin
}

// openFiles makes the folders and empties that of unfinished bodies.
func openFiles(dir string) (*files, error) {
	f := &files{bodies: filepath.Join(dir, "bodies"), temp: filepath.Join(dir, "tmp"), pins: map[string]int{}, doomed: map[string]bool{}}
	if err := os.RemoveAll(f.temp); err != nil {
		return nil, fmt.Errorf("removing unfinished bodies: %w", err)
	}
	for _, d := range []string{f.bodies, f.temp} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("making %q: %w", d, err)
		}
	}
	if err := syncDir(dir); err != nil { // the folders may be new
		return nil, fmt.Errorf("syncing %q: %w", dir, err)
	}
	return f, nil
}

func (f *files) path(id string) string { return filepath.Join(f.bodies, id) }

// pin keeps the files of segments on disk until unpin. The caller holds the gate for reading.
func (f *files) pin(segments []segment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, g := range segments {
		f.pins[g.ID]++
	}
}

func (f *files) unpin(segments []segment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, g := range segments {
		if f.pins[g.ID]--; f.pins[g.ID] > 0 {
			continue
		}
		delete(f.pins, g.ID)
		if f.doomed[g.ID] {
			delete(f.doomed, g.ID)
			f.unlink(g.ID)
		}
	}
}

// remove unlinks files that no record refers to, now or when their last reader is done.
func (f *files) remove(ids []string) {
	if len(ids) == 0 {
		return
	}
	f.gate.Lock()
	defer f.gate.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		if f.pins[id] > 0 {
			f.doomed[id] = true
			continue
		}
		f.unlink(id)
	}
}

// unlink cannot fail the request, whose records are committed; what stays is collected by New.
func (f *files) unlink(id string) { _ = os.Remove(f.path(id)) }

// syncDir makes a rename in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // not every file system can; then the rename lasts as long as the kernel does
	return d.Close()
}
