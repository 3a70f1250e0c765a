package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

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
	kept   bool
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
		err = errors.Join(os.Rename(temp, f.path(d.ID)), syncDir(f.bodies))
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
	d.kept = true
	return nil
}

// settle removes the body's file if the transaction did not commit. Call it with its error.
func (d *draft) settle(err error) {
	if !d.Inline && (err != nil || !d.kept) {
		d.files.unlink(d.ID)
	}
}
