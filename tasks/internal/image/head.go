package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// head says what digest a tag or a digest stands for in the repository; false if it is not there.
func (d *Destination) head(ctx context.Context, tagOrDigest string) (at v1.Hash, found bool, err error) {
	err = d.renewing(ctx, func() (err error) {
		at, found, err = d.ask(ctx, d.ref(tagOrDigest))
		return err
	})
	if err != nil {
		return v1.Hash{}, false, fmt.Errorf("looking for %q in %q: %w", tagOrDigest, d.target.Repository, explain(err))
	}
	return at, found, nil
}

func (d *Destination) ask(ctx context.Context, ref name.Reference) (v1.Hash, bool, error) {
	found, err := d.puller.Head(ctx, ref)
	if err == nil {
		return found.Digest, true, nil
	}
	if unanswered(err) && ctx.Err() == nil {
		var full *remote.Descriptor
		if full, err = d.puller.Get(ctx, ref); err == nil {
			return full.Digest, true, nil
		}
	}
	if status(err) == http.StatusNotFound {
		return v1.Hash{}, false, nil
	}
	return v1.Hash{}, false, err
}

// unanswered says whether a HEAD leaves open what a GET would tell: the words of a refusal, which has no body here, or
// the digest, which some registries leave out of the header.
func unanswered(err error) bool {
	switch code := status(err); code {
	case 0:
		var lost *url.Error
		return !errors.As(err, &lost)
	default:
		return code == http.StatusUnauthorized || code == http.StatusForbidden
	}
}
