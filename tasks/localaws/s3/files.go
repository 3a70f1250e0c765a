package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"envoy-proxy-poc/tasks/localaws/durable"
)

// files is the folder of bodies too large for the database. Names are random ids, so no object key can leave it.
type files struct {
	bodies, temp string

	// gate orders readers and removers. A reader finds its record and opens the files while it holds the gate for
	// reading; a remover, with the record deleted already, unlinks while it holds the gate for writing.
	gate sync.RWMutex
}

// openFiles makes the folders and empties that of unfinished bodies.
func openFiles(dir string) (*files, error) {
	f := &files{bodies: filepath.Join(dir, "bodies"), temp: filepath.Join(dir, "tmp")}
	if err := os.RemoveAll(f.temp); err != nil {
		return nil, fmt.Errorf("removing unfinished bodies: %w", err)
	}
	for _, d := range []string{f.bodies, f.temp} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("making %q: %w", d, err)
		}
	}
	if err := durable.SyncFolder(dir); err != nil { // the folders may be new
		return nil, fmt.Errorf("syncing %q: %w", dir, err)
	}
	return f, nil
}

func (f *files) path(id string) string { return filepath.Join(f.bodies, id) }

// remove unlinks files that no record refers to. It cannot fail the request, which is committed: New collects a file
// that is left, for example one that Windows keeps because it is being read.
func (f *files) remove(ids []string) {
	if len(ids) == 0 {
		return
	}
	f.gate.Lock()
	defer f.gate.Unlock()
	for _, id := range ids {
		_ = os.Remove(f.path(id))
	}
}

// inlineMax is the largest body, in bytes, that lives in the database.
const inlineMax = 64 << 10

// segment is a piece of an object's body: all of it, or a part of a multipart upload.
type segment struct {
	ID     string
	Size   int64
	Inline bool `json:",omitempty"`
}

// draft is a body received whole, that no record refers to yet.
type draft struct {
	segment
	inline []byte
	files  *files
}

// receive reads a body to its end. It holds no more than inlineMax bytes; the rest goes to a file that
// takes its name only when it is complete and on the disk.
func (f *files) receive(src io.Reader) (*draft, error) {
	var head bytes.Buffer
	n, err := head.ReadFrom(io.LimitReader(src, inlineMax+1))
	if err != nil {
		return nil, err
	}
	d := &draft{segment: segment{ID: rand.Text(), Size: n, Inline: n <= inlineMax}, files: f}
	if d.Inline {
		d.inline = head.Bytes()
		return d, nil
	}
	temp := filepath.Join(f.temp, d.ID)
	d.Size, err = writeFile(temp, io.MultiReader(&head, src))
	if err == nil {
		err = errors.Join(os.Rename(temp, f.path(d.ID)), durable.SyncFolder(f.bodies))
	}
	if err != nil {
		_ = os.Remove(temp)
		return nil, fmt.Errorf("receiving a body: %w", err)
	}
	return d, nil
}

func writeFile(name string, src io.Reader) (int64, error) {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, src)
	if err == nil {
		err = out.Sync()
	}
	return n, errors.Join(err, out.Close())
}

// keep makes the body last, in the transaction of the record that refers to it.
func (d *draft) keep(t *txn) error {
	home, value := filesBucket, []byte{}
	if d.Inline {
		home, value = inlineBucket, d.inline
	}
	if err := t.Bucket(home).Put([]byte(d.ID), value); err != nil {
		return fmt.Errorf("keeping a body: %w", err)
	}
	return nil
}

// settle removes the body's file if the transaction did not commit. Call it with its error.
func (d *draft) settle(err error) {
	if !d.Inline && err != nil {
		_ = os.Remove(d.files.path(d.ID)) // New collects a file that is left
	}
}
