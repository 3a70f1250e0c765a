package s3

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// content is the body of one version, readable until it is closed, even if the version is deleted.
type content []piece

// piece is a segment that is open: its bytes or its file.
type piece struct {
	io.ReaderAt
	size int64
}

// open finds a version and opens its body, both at one moment. lookup returns the version or an error.
func (s *server) open(lookup func(*bbolt.Tx) (*version, error)) (*version, content, error) {
	s.files.gate.RLock()
	defer s.files.gate.RUnlock()
	var v *version
	var c content
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		if v, err = lookup(tx); err != nil {
			return err
		}
		for _, g := range v.Segments {
			if g.Inline {
				data := bytes.Clone(tx.Bucket(inlineBucket).Get([]byte(g.ID)))
				c = append(c, piece{bytes.NewReader(data), g.Size})
				continue
			}
			file, err := os.Open(s.files.path(g.ID))
			if err != nil {
				return fmt.Errorf("opening a body: %w", err)
			}
			c = append(c, piece{file, g.Size})
			if info, err := file.Stat(); err != nil || info.Size() != g.Size {
				return fmt.Errorf("%s is damaged: it should have %d bytes", file.Name(), g.Size)
			}
		}
		return nil
	})
	if err != nil {
		c.close()
		return v, nil, err
	}
	return v, c, nil
}

func (c content) close() {
	for _, p := range c {
		if file, ok := p.ReaderAt.(*os.File); ok {
			_ = file.Close() // it was only read
		}
	}
}

// section reads length bytes from offset on.
func (c content) section(offset, length int64) io.Reader {
	var readers []io.Reader
	for _, p := range c {
		if offset < p.size && length > 0 {
			n := min(length, p.size-offset)
			readers = append(readers, io.NewSectionReader(p, offset, n))
			offset, length = offset+n, length-n
		}
		offset -= p.size
	}
	return io.MultiReader(readers...)
}
