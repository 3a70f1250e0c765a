package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

// Upload is how far an upload has come.
type Upload struct {
	ID         string
	Size       int64 // bytes received
	FirstRange int64 // bytes received with the first body
}

func (s *session) upload() Upload { return Upload{s.id, s.size, s.note.FirstRange} }

// StartUpload begins a layer.
func (r *Registry) StartUpload(repository string) (Upload, error) {
	if _, err := r.Repository(repository); err != nil {
		return Upload{}, err
	}
	s := &session{
		id: NewUUID(), hash: sha256.New(),
		note: sessionNote{Region: r.region, Repository: repository, StartedAt: r.c.now().UTC()},
	}
	err := os.WriteFile(r.c.uploadFile(s.id), nil, 0o600)
	if err == nil {
		err = s.keepNote(r.c)
	}
	if err != nil {
		return Upload{}, fmt.Errorf("starting an upload to %q: %w", repository, errors.Join(err, s.forget(r.c)))
	}
	r.c.sessionsMu.Lock()
	r.c.sessions[s.id] = s
	r.c.sessionsMu.Unlock()
	return s.upload(), nil
}

// UploadStatus says how far an upload has come.
func (r *Registry) UploadStatus(repository, id string) (Upload, error) {
	s, err := r.session(repository, id)
	if err != nil {
		return Upload{}, err
	}
	defer s.mu.Unlock()
	return s.upload(), nil
}

// CancelUpload throws an upload away.
func (r *Registry) CancelUpload(repository, id string) error {
	s, err := r.session(repository, id)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	return s.forget(r.c)
}

// Anywhere is the offset of a body that does not say where it belongs.
const Anywhere = -1

// Append adds a body to an upload, streaming it to disk. It must begin where the upload ends. After a body that broke
// off, only one that says where it belongs is taken: anything else would be a layer with a hole.
func (r *Registry) Append(repository, id string, at int64, body io.Reader) (Upload, error) {
	s, err := r.session(repository, id)
	if err != nil {
		return Upload{}, err
	}
	defer s.mu.Unlock()
	if at == Anywhere && s.torn && s.size > 0 || at != Anywhere && at != s.size {
		return s.upload(), r.invalidPart(repository, s, fmt.Sprintf("Invalid layer part: the upload continues at byte %d", s.size))
	}
	err = r.receive(repository, s, body)
	return s.upload(), err
}

func (r *Registry) receive(repository string, s *session, body io.Reader) error {
	if err := s.rehash(r.c); err != nil {
		return fmt.Errorf("resuming upload %q: %w", s.id, err)
	}
	file, err := os.OpenFile(r.c.uploadFile(s.id), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("resuming upload %q: %w", s.id, err)
	}
	n, err := io.CopyBuffer(io.MultiWriter(file, s.hash), io.LimitReader(body, maxLayer+1-s.size), make([]byte, 256<<10))
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		s.torn = true
		if again := s.measure(r.c); again != nil {
			s.over = true
		}
		return fmt.Errorf("receiving a layer for %q: %w", repository, err)
	}
	s.torn = false
	s.size += n
	if s.size > maxLayer {
		return refuse("LimitExceededException", "The maximum size of a layer, %d bytes, has been exceeded", int64(maxLayer))
	}
	if s.note.FirstRange == 0 && n > 0 {
		s.note.FirstRange = s.size
		return s.keepNote(r.c)
	}
	return nil
}
