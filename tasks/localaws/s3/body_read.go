package s3

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// content is the body of one version, readable until it is closed, whatever is deleted meanwhile.
type content struct {
	files    *files
	segments []segment
	inline   map[string][]byte
	sections []*fileSection
}

// open finds a version and holds its body, as of one moment. find returns the version or an error.
func (s *server) open(find func(*bbolt.Tx) (*version, error)) (*version, *content, error) {
	s.files.gate.RLock()
	defer s.files.gate.RUnlock()
	var v *version
	c := &content{files: s.files, inline: map[string][]byte{}}
	err := s.db.View(func(tx *bbolt.Tx) error {
		var err error
		if v, err = find(tx); err != nil {
			return err
		}
		for _, g := range v.Segments {
			if g.Inline {
				c.inline[g.ID] = bytes.Clone(tx.Bucket(inlineBucket).Get([]byte(g.ID)))
			}
		}
		return nil
	})
	if err != nil {
		return v, nil, err
	}
	c.segments = v.Segments
	s.files.pin(c.segments)
	return v, c, nil
}

// Close lets the body go. A reader that stopped half-way has left a file open.
func (c *content) Close() {
	for _, s := range c.sections {
		s.close()
	}
	c.files.unpin(c.segments)
}

// section reads length bytes from offset on. Files are opened one at a time.
func (c *content) section(offset, length int64) io.Reader {
	var pieces []io.Reader
	for _, g := range c.segments {
		if length <= 0 {
			break
		}
		if offset >= g.Size {
			offset -= g.Size
			continue
		}
		n := min(length, g.Size-offset)
		if g.Inline {
			pieces = append(pieces, bytes.NewReader(c.inline[g.ID][offset:offset+n]))
		} else {
			file := &fileSection{path: c.files.path(g.ID), offset: offset, left: n}
			c.sections = append(c.sections, file)
			pieces = append(pieces, file)
		}
		offset, length = 0, length-n
	}
	return io.MultiReader(pieces...)
}

// fileSection is opened by its first read and closed by its last, so an upload of 10,000 parts needs
// one descriptor.
type fileSection struct {
	path         string
	offset, left int64
	file         *os.File
}

func (s *fileSection) Read(p []byte) (int, error) {
	if s.left == 0 {
		s.close()
		return 0, io.EOF
	}
	if s.file == nil {
		f, err := os.Open(s.path)
		if err != nil {
			return 0, fmt.Errorf("reading a body: %w", err)
		}
		s.file = f
	}
	n, err := s.file.ReadAt(p[:min(int64(len(p)), s.left)], s.offset)
	s.offset, s.left = s.offset+int64(n), s.left-int64(n)
	if err == io.EOF && s.left == 0 {
		err = nil // the next call says it
	} else if err == io.EOF {
		err = io.ErrUnexpectedEOF // the file is shorter than its record
	}
	return n, err
}

func (s *fileSection) close() {
	if s.file != nil {
		_ = s.file.Close() // it was only read
		s.file = nil
	}
}
