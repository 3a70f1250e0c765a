package catalog

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

// session is an upload under way. Its bytes are the file uploads/ID, so it outlives the process; the hash is computed
// along the way and again from the file when a new process takes the session up.
type session struct {
	mu   sync.Mutex // held for the length of a request body: a second request at the same time is refused, not queued
	id   string
	note sessionNote
	size int64
	hash hash.Hash // nil when the file must be read again
	torn bool      // a body broke off: the client does not know how much arrived
	over bool      // completed or removed, while another request waited
}

// sessionNote is uploads/ID.json.
type sessionNote struct {
	Region, Repository string
	StartedAt          time.Time
	FirstRange         int64 // the session's size after its first body; what ECR's Range header stays at (aws/containers-roadmap #2831)
	Short              bool  // a part below 5 MiB has come, so it must be the last
	TooSmall           bool  // and was not
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// NewUUID returns a random UUID, of version 4.
func NewUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (c *Catalog) uploadFile(id string) string { return filepath.Join(c.dir, "uploads", id) }
func (c *Catalog) noteFile(id string) string   { return c.uploadFile(id) + ".json" }

// session returns the upload of a repository with its lock held, from memory or as an earlier process left it.
func (r *Registry) session(repository, id string) (*session, error) {
	if _, err := r.Repository(repository); err != nil {
		return nil, err
	}
	s, err := r.c.loadSession(id)
	if err != nil {
		return nil, err
	}
	if s == nil || s.note.Region != r.region || s.note.Repository != repository {
		return nil, r.uploadNotFound(repository, id)
	}
	if !s.mu.TryLock() {
		return nil, r.invalidPart(repository, s, "Another part of this upload is being received")
	}
	if s.over {
		s.mu.Unlock()
		return nil, r.uploadNotFound(repository, id)
	}
	return s, nil
}

func (c *Catalog) loadSession(id string) (*session, error) {
	if !uuid.MatchString(id) {
		return nil, nil
	}
	c.sessionsMu.Lock()
	defer c.sessionsMu.Unlock()
	if s := c.sessions[id]; s != nil {
		return s, nil
	}
	s := &session{id: id, torn: true}
	text, err := os.ReadFile(c.noteFile(id))
	if err == nil {
		err = json.Unmarshal(text, &s.note)
	}
	if err == nil {
		err = s.measure(c)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading upload %q: %w", id, err)
	}
	c.sessions[id] = s
	return s, nil
}

// measure takes the size from the file and forgets the hash.
func (s *session) measure(c *Catalog) error {
	s.hash = nil
	info, err := os.Stat(c.uploadFile(s.id))
	if err == nil {
		s.size = info.Size()
	}
	return err
}

// rehash reads the file again if the hash of its bytes is not known.
func (s *session) rehash(c *Catalog) error {
	if s.hash != nil {
		return nil
	}
	file, err := os.Open(c.uploadFile(s.id))
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	s.hash = sum
	return nil
}

func (s *session) keepNote(c *Catalog) error {
	text, err := json.Marshal(s.note)
	if err != nil {
		return err
	}
	path := c.noteFile(s.id)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// forget removes what is left of a session. Its lock is held.
func (s *session) forget(c *Catalog) error {
	s.over = true
	c.sessionsMu.Lock()
	delete(c.sessions, s.id)
	c.sessionsMu.Unlock()
	return errors.Join(removeIfThere(c.uploadFile(s.id)), removeIfThere(c.noteFile(s.id)))
}

func (r *Registry) uploadNotFound(repository, id string) *Error {
	return refuse("UploadNotFoundException",
		"An upload with id '%s' does not exist in the repository with name '%s' in the registry with id '%s'", id, repository, r.Account())
}

func (r *Registry) invalidPart(repository string, s *session, why string) *Error {
	e := refuse("InvalidLayerPartException", "%s", why)
	e.Details = map[string]any{
		"registryId": r.Account(), "repositoryName": repository, "uploadId": s.id, "lastValidByteReceived": max(s.size-1, 0),
	}
	return e
}
