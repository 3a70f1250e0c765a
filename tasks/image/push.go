package image

import (
	"context"
	"fmt"
	"slices"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// Result is what a push or a retag did, or in a dry run would do.
type Result struct {
	Reference string // registry/repository@sha256:…
	Digest    v1.Hash
	New       bool     // the digest was not in the repository
	Written   []string // tags, in the order they were written
	Unchanged []string // tags that pointed at the digest already
	Bytes     int64    // of the layers and configs that had to be sent; manifests not counted
}

// Push uploads what the repository does not have yet and points the tags at it. Pushing the same again sends no blob,
// no manifest and no tag.
//
// Layers and configs go first, then an index's images, then the image under its tags, latest as the last. Its errors
// wrap ErrNoRepository, ErrUnauthorized, ErrDenied or ErrTagImmutable; the Result then says which tags were written.
func Push(ctx context.Context, t Target, b Built, tags Tags, o Options) (Result, error) {
	if err := checkTags(tags.all()); err != nil {
		return Result{}, fmt.Errorf("pushing %q to %q: %w", b.App, t.Repository, err)
	}
	r, err := push(ctx, t, b, tags, o)
	if err != nil {
		return r, fmt.Errorf("pushing %q to %q: %w", b.App, t.Repository, hint(ctx, err))
	}
	return r, nil
}

func push(ctx context.Context, t Target, b Built, tags Tags, o Options) (Result, error) {
	s, err := open(ctx, t, o)
	if err != nil {
		return Result{}, err
	}
	isNew, at, err := s.look(ctx, b.Digest, tags.Fixed)
	if err != nil {
		return Result{}, err
	}
	r := Result{Reference: s.repo.Digest(b.Digest.String()).String(), Digest: b.Digest, New: isNew}
	var write []string
	write, r.Unchanged = decide(b.Digest, isNew, at, tags)
	if o.DryRun {
		r.Written = write
		return r, nil
	}
	if isNew {
		if r.Bytes, err = s.upload(ctx, b, o.Progress); err != nil {
			return r, err
		}
	}
	if isNew && len(write) == 0 {
		return r, s.put(ctx, b.Digest.String(), b.top())
	}
	return r, s.tagAll(ctx, b.top(), write, &r)
}

// look asks for the digest and for what each tag points at, side by side.
func (s *session) look(ctx context.Context, digest v1.Hash, tags []string) (isNew bool, at map[string]v1.Hash, err error) {
	var mu sync.Mutex
	at = map[string]v1.Hash{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for _, what := range append([]string{digest.String()}, tags...) {
		group.Go(func() error {
			found, ok, err := s.head(ctx, what)
			if ok {
				mu.Lock()
				defer mu.Unlock()
				at[what] = found
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return false, nil, err
	}
	_, old := at[digest.String()]
	return !old, at, nil
}

// decide says which tags are to be written, in order, and which are right already. The stamp is the first: with the
// content it goes up in one request, so an image that is new never goes without it. The tag latest is the last:
// whoever follows it finds everything else in place.
func decide(digest v1.Hash, isNew bool, at map[string]v1.Hash, tags Tags) (write, unchanged []string) {
	if isNew && tags.Stamp != "" {
		write = append(write, tags.Stamp)
	}
	for _, tag := range tags.Fixed {
		switch {
		case tag == tags.Stamp && slices.Contains(write, tag):
		case at[tag] == digest:
			unchanged = append(unchanged, tag)
		default:
			write = append(write, tag)
		}
	}
	if i := slices.Index(write, latest); i >= 0 {
		write = append(slices.Delete(write, i, i+1), latest)
	}
	return write, unchanged
}

// tagAll writes the tags one after the other and notes them in r.
func (s *session) tagAll(ctx context.Context, content manifest, tags []string, r *Result) error {
	for _, tag := range tags {
		written, err := s.tag(ctx, tag, content, r.Digest)
		switch {
		case err != nil:
			return err
		case written:
			r.Written = append(r.Written, tag)
		default:
			r.Unchanged = append(r.Unchanged, tag)
		}
	}
	return nil
}

// put writes a manifest under a tag or its digest.
func (s *session) put(ctx context.Context, tagOrDigest string, content manifest) error {
	if err := s.pusher.Put(ctx, s.ref(tagOrDigest), content); err != nil {
		return fmt.Errorf("writing %q: %w", tagOrDigest, explain(err))
	}
	return nil
}

// all lists every tag that may be written.
func (t Tags) all() []string {
	if t.Stamp == "" {
		return t.Fixed
	}
	return append(slices.Clone(t.Fixed), t.Stamp)
}
