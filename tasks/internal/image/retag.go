package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Retag points the tag to at the image that from, a tag or a digest, stands for. Only the manifest is sent, and no
// tag that is right already. Errors are those of [Push], and ErrNotThere.
func Retag(ctx context.Context, d *Destination, from, to string) (Result, error) {
	if err := CheckRetag(from, to); err != nil {
		return Result{}, err
	}
	r, err := d.retag(ctx, from, to)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return r, fmt.Errorf("tagging %q of %q as %q: %w", from, d.target.Repository, to, err)
	}
	return r, nil
}

// At is the digest that a tag points at, or empty.
func (d *Destination) At(ctx context.Context, tag string) (string, error) {
	at, found, err := d.head(ctx, tag)
	if !found {
		return "", err
	}
	return at.String(), nil
}

// CheckRetag says whether from can be a name of an image, and to a tag.
func CheckRetag(from, to string) error {
	return errors.Join(CheckSelector(from), checkTags([]string{to}))
}

// CheckSelector says whether a word can name an image: a tag, or the first digits of a commit or a digest.
func CheckSelector(named string) error {
	if digestForm.MatchString(named) || tagForm.MatchString(named) {
		return nil
	}
	return fmt.Errorf("%q is no tag, commit or digest: want one such as v1.4.0, 35e2c1b or sha256:35e2c1b", named)
}

func (d *Destination) retag(ctx context.Context, from, to string) (Result, error) {
	var found *remote.Descriptor
	err := d.renewing(ctx, func() (err error) {
		found, err = d.puller.Get(ctx, d.ref(from))
		return err
	})
	if err != nil {
		return Result{}, notThere(explain(err))
	}
	at, _, err := d.head(ctx, to)
	if err != nil {
		return Result{}, err
	}
	r := Result{Reference: d.repo.Digest(found.Digest.String()).String(), Digest: found.Digest}
	if at == found.Digest {
		r.Unchanged = []string{to}
		return r, nil
	}
	return r, d.tagAll(ctx, fetched{found}, []string{to}, &r)
}

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{1,64}$`)

// notThere makes a missing manifest, in a repository that exists, an error of its own.
func notThere(err error) error {
	if status(err) == http.StatusNotFound && !errors.Is(err, ErrNoRepository) {
		return fmt.Errorf("%w: %w", ErrNotThere, err)
	}
	return err
}

// fetched is a manifest as the registry gave it, to be put back byte for byte.
type fetched struct{ from *remote.Descriptor }

func (f fetched) RawManifest() ([]byte, error)        { return f.from.Manifest, nil }
func (f fetched) MediaType() (types.MediaType, error) { return f.from.MediaType, nil }
