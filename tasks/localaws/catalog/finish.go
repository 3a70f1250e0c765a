package catalog

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"envoy-proxy-poc/tasks/localaws/durable"
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
	if s.size == 0 {
		return Layer{}, refuse("EmptyUploadException",
			"The upload with id '%s' in the repository with name '%s' in registry with id '%s' cannot be completed "+
				"because it does not have any parts", s.id, repository, r.Account())
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
	if err := keepFile(r.c.uploadFile(s.id), r.c.blobFile(digest), s.size); err != nil {
		return err
	}
	return r.update(repository, func(rp *repo) error { return rp.hold(digest, s.size) })
}

// keepFile moves a file to its final name such that it is whole there or not there at all, even when the power fails.
// One that is there in its full length is kept; who put it there may not have come to syncing its folder.
func keepFile(from, to string, size int64) error {
	folder := filepath.Dir(to)
	if info, err := os.Stat(to); err != nil || info.Size() != size {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := syncFile(from); err != nil {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return errors.Join(durable.SyncFolder(folder), durable.SyncFolder(filepath.Dir(folder)))
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
