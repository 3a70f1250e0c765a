package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Retag points a tag at the image of another tag or digest. Errors are those of [Push], and ErrNotThere.
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
	return r, d.tagAll(ctx, found, []string{to}, &r) // byte for byte, as the registry gave it
}

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{1,64}$`)

func notThere(err error) error {
	if status(err) == http.StatusNotFound && !errors.Is(err, ErrNoRepository) {
		return fmt.Errorf("%w: %w", ErrNotThere, err)
	}
	return err
}

// TakenTag is a tag that points at another image.
type TakenTag struct {
	Tag    string
	Digest v1.Hash
}

// Taken finds the tags that point at an image of another revision, which is part of what the digest covers: a
// repository that lets no tag move will refuse the push. An image of the same revision may be the same one.
func (d *Destination) Taken(ctx context.Context, tags []string, revision string) ([]TakenTag, error) {
	at, err := d.look(ctx, tags)
	if err != nil {
		return nil, err
	}
	var taken []TakenTag
	for _, tag := range tags {
		digest, found := at[tag]
		if !found {
			continue
		}
		of, err := d.revisionOf(ctx, digest)
		if err != nil {
			return taken, fmt.Errorf("reading %q of %q: %w", tag, d.target.Repository, explain(err))
		}
		if of != revision {
			taken = append(taken, TakenTag{tag, digest})
		}
	}
	return taken, nil
}

func (d *Destination) revisionOf(ctx context.Context, digest v1.Hash) (string, error) {
	got, err := d.puller.Get(ctx, d.ref(digest.String()))
	if err != nil {
		return "", err
	}
	said, _ := annotationsOf(got.Manifest) // what cannot be read is not ours, so it says no revision
	return said[revisionAnnotation], nil
}

// Movable says whether a tag that exists may be pointed at another image, in a repository with this tag mutability and
// these exclusion filters: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html.
func Movable(tag, mutability string, filters []string) bool {
	excluded := slices.ContainsFunc(filters, func(filter string) bool {
		matches, err := path.Match(filter, tag) // a tag has no slash, and a filter no other wildcard
		return err == nil && matches
	})
	switch mutability {
	case "IMMUTABLE":
		return false
	case "IMMUTABLE_WITH_EXCLUSION":
		return excluded
	case "MUTABLE_WITH_EXCLUSION":
		return !excluded
	}
	return true
}
