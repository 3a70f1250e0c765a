package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// decide says which tags are to be written, in order, and which are right already. With the stamp as the first, an
// image that is new never goes without it. Whoever follows latest, the last, finds everything else in place.
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

func (d *Destination) tagAll(ctx context.Context, content remote.Taggable, tags []string, r *Result) error {
	for _, tag := range tags {
		written, err := d.tag(ctx, tag, content, r.Digest)
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

// tag points one tag at content, which the repository has. False without an error: somebody else, pushing the same, was
// faster. An immutable repository refuses a tag even if nothing would change.
func (d *Destination) tag(ctx context.Context, tag string, content remote.Taggable, digest v1.Hash) (bool, error) {
	err := d.put(ctx, tag, content)
	if err == nil {
		return true, nil
	}
	if !immutable(err) {
		return false, err
	}
	at, found, lookErr := d.head(ctx, tag)
	if lookErr != nil || !found {
		return false, err
	}
	if at == digest {
		return false, nil
	}
	return false, fmt.Errorf("tag %q of %q points at %s: %w", tag, d.target.Repository, at, ErrTagImmutable)
}

func (d *Destination) put(ctx context.Context, tagOrDigest string, content remote.Taggable) error {
	if err := d.pace.wait(ctx); err != nil {
		return err
	}
	err := d.renewing(ctx, func() error { return d.putManifest(ctx, tagOrDigest, content) })
	if err != nil {
		return fmt.Errorf("writing %q: %w", tagOrDigest, explain(err))
	}
	return nil
}

// putManifest leaves out what the registry client adds for an artifact: it asks for the list of referrers each time.
func (d *Destination) putManifest(ctx context.Context, tagOrDigest string, content remote.Taggable) error {
	manifest, err := content.RawManifest()
	if err != nil {
		return err
	}
	var kind types.MediaType
	switch content := content.(type) {
	case *remote.Descriptor:
		kind = content.MediaType
	case interface {
		MediaType() (types.MediaType, error)
	}:
		kind, err = content.MediaType()
	}
	if err != nil {
		return err
	}
	path := "/v2/" + d.repo.RepositoryStr() + "/manifests/" + tagOrDigest
	res, err := d.do(ctx, http.MethodPut, path, kind, manifest, http.StatusOK, http.StatusCreated, http.StatusAccepted)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// immutable says whether a tag was refused because it exists: ECR answers 400 TAG_INVALID, other registries 409 or 412.
func immutable(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && hasCode(r.answer, transport.TagInvalidErrorCode) ||
		slices.Contains([]int{http.StatusConflict, http.StatusPreconditionFailed}, status(err))
}

// missing adds to an error what is not in the repository because of it. An interrupt is only that.
func missing(ctx context.Context, err error, sending *upload, write, written []string) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var parts []string
	if sending != nil {
		if there, all, _ := sending.meter.count(); there < all {
			parts = append(parts, fmt.Sprintf("%d of %d layers and configs are there", there, all))
		}
	}
	if left := write[min(len(written), len(write)):]; len(left) > 0 {
		parts = append(parts, "not written: "+strings.Join(left, ", "))
	}
	if parts == nil {
		return err
	}
	if ctx.Err() != nil {
		parts = append(parts, "the next run goes on from there")
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(parts, "; "))
}
