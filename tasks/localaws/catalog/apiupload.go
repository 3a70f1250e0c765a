package catalog

import (
	"bytes"
	"fmt"
)

// What the API, but not the registry, asks of the parts of a layer (API Reference, UploadLayerPart).
const (
	PartSize    = 10 << 20 // bytes; what InitiateLayerUpload advises
	minPart     = 5 << 20
	maxPartSize = 20_971_520
)

// AppendPart is Append by the API's rules: the part says its first and last byte.
func (r *Registry) AppendPart(repository, id string, first, last int64, part []byte) (Upload, error) {
	s, err := r.session(repository, id)
	if err != nil {
		return Upload{}, err
	}
	defer s.mu.Unlock()
	switch {
	case len(part) > maxPartSize:
		return Upload{}, Invalid("layerPartBlob", "Member must have length less than or equal to %d", maxPartSize)
	case first != s.size:
		return Upload{}, r.invalidPart(repository, s,
			fmt.Sprintf("Layer part is not valid: its first byte is %d, the upload continues at byte %d", first, s.size))
	case last-first+1 != int64(len(part)):
		return Upload{}, r.invalidPart(repository, s,
			fmt.Sprintf("Layer part is not valid: it has %d bytes, not those from %d to %d", len(part), first, last))
	}
	s.note.TooSmall = s.note.TooSmall || s.note.Short
	s.note.Short = len(part) < minPart
	if err := s.keepNote(r.c); err != nil {
		return Upload{}, err
	}
	if err := r.receive(repository, s, bytes.NewReader(part)); err != nil {
		return Upload{}, err
	}
	return s.upload(), nil
}

// CompleteUpload is FinishUpload by the API's rules.
func (r *Registry) CompleteUpload(repository, id, digest string) (Layer, error) {
	s, err := r.session(repository, id)
	if err != nil {
		return Layer{}, err
	}
	defer s.mu.Unlock()
	if s.note.TooSmall {
		return Layer{}, refuse("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size, but for the last")
	}
	if _, err := r.Layer(repository, digest); err == nil {
		return Layer{}, refuse("LayerAlreadyExistsException",
			"Layer with digest '%s' already exists in the repository with name '%s' in registry with id '%s'", digest, repository, r.Account())
	}
	return r.finish(repository, s, digest)
}

// AvailableLayer is a layer that a repository holds.
type AvailableLayer struct {
	Layer
	Availability string // AVAILABLE, or ARCHIVED like all images that use it
}

// LayerAvailability splits digests into layers that the repository holds, layers it does not, and what is no digest.
func (r *Registry) LayerAvailability(repository string, digests []string) (layers []AvailableLayer, missing, invalid []string, err error) {
	if len(digests) == 0 {
		return nil, nil, nil, Invalid("layerDigests", "Member must have length greater than or equal to 1")
	}
	if len(digests) > maxIDs {
		return nil, nil, nil, Invalid("layerDigests", "Member must have length less than or equal to %d", maxIDs)
	}
	err = r.view(repository, func(rp *repo) error {
		for _, digest := range digests {
			if !IsDigest(digest) {
				invalid = append(invalid, digest)
				continue
			}
			layer, err := rp.layer(digest)
			if err != nil {
				return err
			}
			if layer == nil {
				missing = append(missing, digest)
				continue
			}
			availability, err := rp.availability(digest)
			if err != nil {
				return err
			}
			layers = append(layers, AvailableLayer{*layer, availability})
		}
		return nil
	})
	return layers, missing, invalid, err
}

// availability is ARCHIVED for a layer that only archived images use.
func (rp *repo) availability(digest string) (string, error) {
	users := related(rp.in(bucketUses), digest, maxImages)
	for _, user := range users {
		img, err := rp.image(user)
		if err != nil || img.Status == Active {
			return "AVAILABLE", err
		}
	}
	if len(users) == 0 {
		return "AVAILABLE", nil
	}
	return "ARCHIVED", nil
}
