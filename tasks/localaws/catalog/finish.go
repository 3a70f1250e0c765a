package catalog

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// FinishUpload makes an upload a layer of the repository, if its bytes have the digest. If not, the upload is gone.
func (r *Registry) FinishUpload(repository, id, digest string) (Layer, error) {
	s, err := r.session(repository, id)
	if err != nil {
		return Layer{}, err
	}
	defer s.mu.Unlock()
	return r.finish(repository, s, digest)
}

func (r *Registry) finish(repository string, s *session, digest string) (Layer, error) {
	if !IsDigest(digest) {
		return Layer{}, Invalid("layerDigests", "must satisfy regular expression '%s'", sha256Digest)
	}
	if err := s.rehash(r.c); err != nil {
		return Layer{}, fmt.Errorf("reading upload %q: %w", s.id, err)
	}
	if "sha256:"+hex.EncodeToString(s.hash.Sum(nil)) != digest {
		if err := s.forget(r.c); err != nil {
			return Layer{}, err
		}
		return Layer{}, refuse("InvalidLayerException",
			"The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the digest specified")
	}
	if err := r.store(repository, s, digest); err != nil {
		return Layer{}, fmt.Errorf("storing layer %q of %q: %w", digest, repository, err)
	}
	return Layer{Digest: digest, Size: s.size}, s.forget(r.c)
}

// store puts the bytes in place and then enters them: never the other way round.
func (r *Registry) store(repository string, s *session, digest string) error {
	r.c.files.RLock()
	defer r.c.files.RUnlock()
	if _, err := os.Stat(r.c.blobFile(digest)); err != nil {
		if err := keepFile(r.c.uploadFile(s.id), r.c.blobFile(digest)); err != nil {
			return err
		}
	}
	return r.update(repository, func(rp *repo) error { return rp.hold(digest, s.size) })
}

// keepFile moves a file to its final name such that it is whole there or not there at all, even when the power fails.
func keepFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := syncPath(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}

func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	err = file.Sync()
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
