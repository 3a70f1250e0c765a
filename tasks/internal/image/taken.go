package image

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
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
	var mu sync.Mutex
	var taken []TakenTag
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, tag := range tags {
		group.Go(func() error {
			digest, of, found, err := d.revisionOf(ctx, tag)
			if err == nil && found && of != revision {
				mu.Lock()
				defer mu.Unlock()
				taken = append(taken, TakenTag{tag, digest})
			}
			return err
		})
	}
	err := group.Wait()
	slices.SortFunc(taken, func(a, b TakenTag) int { return slices.Index(tags, a.Tag) - slices.Index(tags, b.Tag) })
	return taken, err
}

// revisionOf reads the revision of the image that a tag points at, empty where it says none.
func (d *Destination) revisionOf(ctx context.Context, tag string) (digest v1.Hash, revision string, found bool,
	err error,
) {
	digest, found, err = d.head(ctx, tag)
	if err != nil || !found {
		return digest, "", found, err
	}
	got, err := d.puller.Get(ctx, d.ref(digest.String()))
	if err != nil {
		return digest, "", false, fmt.Errorf("reading %q of %q: %w", tag, d.target.Repository, explain(err))
	}
	var said struct {
		Annotations map[string]string `json:"annotations"`
	}
	if err := json.Unmarshal(got.Manifest, &said); err != nil {
		return digest, "", true, nil // not ours, so it says no revision
	}
	return digest, said.Annotations[revisionAnnotation], true, nil
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
