package image

import (
	"context"
	"fmt"
	"path"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// TakenTag is a tag that points at another image.
type TakenTag struct {
	Tag    string
	Digest v1.Hash
}

// Taken finds the tags that point at an image of another revision than the one to be pushed. The revision is part of
// what the digest covers, so such an image is another one for sure, and a repository that lets no tag move will refuse
// the push. An image of the same revision may be the same one: only the build can tell.
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

// revisionOf reads the revision of an image, empty where it says none.
func (d *Destination) revisionOf(ctx context.Context, digest v1.Hash) (string, error) {
	got, err := d.puller.Get(ctx, d.ref(digest.String()))
	if err != nil {
		return "", err
	}
	said, _ := annotationsOf(got.Manifest) // what cannot be read is not ours, so it says no revision
	return said[revisionAnnotation], nil
}

// Movable says whether a tag that exists may be pointed at another image, in a repository with this tag mutability and
// these exclusion filters, in which * stands for any characters
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html).
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
