package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// errNotThere is a tag or digest to be retagged that the repository does not have.
var errNotThere = errors.New("the repository has no such image")

// Retag points the tag to at the image that from, a tag or a digest, stands for. Only the manifest travels. A tag that
// is right already is not written. Errors are as of [Push].
func Retag(ctx context.Context, t Target, from, to string, o Options) (Result, error) {
	if err := checkRetag(from, to); err != nil {
		return Result{}, fmt.Errorf("tagging an image of %q: %w", t.Repository, err)
	}
	r, err := retag(ctx, t, from, to, o)
	if err != nil {
		return r, fmt.Errorf("tagging %q of %q as %q: %w", from, t.Repository, to, hint(ctx, err))
	}
	return r, nil
}

func checkRetag(from, to string) error {
	if _, err := v1.NewHash(from); err == nil {
		return checkTags([]string{to})
	}
	return checkTags([]string{from, to})
}

func retag(ctx context.Context, t Target, from, to string, o Options) (Result, error) {
	s, err := open(ctx, t, o)
	if err != nil {
		return Result{}, err
	}
	found, err := s.puller.Get(ctx, s.ref(from))
	if err != nil {
		return Result{}, notThere(explain(err))
	}
	at, _, err := s.head(ctx, to)
	if err != nil {
		return Result{}, err
	}
	r := Result{Reference: s.repo.Digest(found.Digest.String()).String(), Digest: found.Digest}
	switch {
	case at == found.Digest:
		r.Unchanged = []string{to}
		return r, nil
	case o.DryRun:
		r.Written = []string{to}
		return r, nil
	}
	return r, s.tagAll(ctx, fetched{found}, []string{to}, &r)
}

// notThere makes a missing manifest, in a repository that exists, an error of its own.
func notThere(err error) error {
	if status(err) == http.StatusNotFound && !errors.Is(err, ErrNoRepository) {
		return fmt.Errorf("%w: %w", errNotThere, err)
	}
	return err
}

// fetched is a manifest as the registry gave it, to be put back byte for byte.
type fetched struct{ from *remote.Descriptor }

func (f fetched) RawManifest() ([]byte, error)        { return f.from.Manifest, nil }
func (f fetched) MediaType() (types.MediaType, error) { return f.from.MediaType, nil }
