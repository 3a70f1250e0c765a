package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// referrersLimit is how many artifacts ECR lets refer to one image
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html).
const referrersLimit = 100

// Attached is what became of an SBOM.
type Attached struct {
	Digest  v1.Hash // of the manifest that ties it to its image
	New     bool    // it was sent now; else it was there before, or is refused
	Refused error   // why the repository does not take it. The image is as good without; nil if it takes it
}

// Attach adds the image's [SBOM] to it as an OCI referrer, once: one image has one document under one digest, and where
// that is in the repository, nothing is sent.
//
// A registry that lists no referrers, refuses this one, or has as many for the image as ECR lets be, is no error. The
// registry is asked before anything is sent: an OCI-Subject header in its answer proves nothing, for ECR once gave it
// without having a list (https://github.com/sigstore/sigstore-js/pull/1183). No tag is written instead, which a
// repository may not let move.
func Attach(ctx context.Context, d *Destination, b Built) (Attached, error) {
	a, err := attach(ctx, d, b)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // an interrupt is only that, whatever broke of it
	}
	if err != nil {
		return a, fmt.Errorf("attaching an SBOM to %q: %w", b.App, err)
	}
	return a, nil
}

func attach(ctx context.Context, d *Destination, b Built) (Attached, error) {
	document, err := SBOM(b)
	if err != nil {
		return Attached{}, err
	}
	r, err := newReferrer(b, document)
	if err != nil {
		return Attached{}, err
	}
	a := Attached{Digest: r.digest}
	_, found, err := d.head(ctx, r.digest.String())
	if err != nil || found {
		return a, err
	}
	if a.Refused, err = d.noRoom(ctx, b.Digest); err != nil || a.Refused != nil {
		return a, err
	}
	if err = d.refer(ctx, r); refused(err) {
		a.Refused = err
		return a, nil
	}
	a.New = err == nil
	return a, err
}

// noRoom says why there is no place for another referrer of an image, nil if there is.
func (d *Destination) noRoom(ctx context.Context, subject v1.Hash) (why, err error) {
	var list v1.ImageIndex
	err = d.renewing(ctx, func() (err error) {
		list, err = remote.Referrers(d.repo.Digest(subject.String()), remote.WithContext(ctx), remote.WithTransport(d.rt),
			remote.WithRetryBackoff(oneTry), remote.WithReferrersTagFallback(false))
		return err
	})
	var lost *url.Error
	switch {
	// the client's own words for a missing list
	case refused(err), err != nil && status(err) == 0 && !errors.As(err, &lost):
		return errors.New("the registry keeps no list of what refers to an image"), nil
	case err != nil:
		return nil, fmt.Errorf("looking for what refers to %s: %w", subject, explain(err))
	}
	there, err := list.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("reading what refers to %s: %w", subject, err)
	}
	if len(there.Manifests) >= referrersLimit {
		return fmt.Errorf("%d artifacts refer to the image already, and ECR takes no more than %d", len(there.Manifests),
			referrersLimit), nil
	}
	return nil, nil
}

// refer sends a referrer's two blobs, and then its manifest.
func (d *Destination) refer(ctx context.Context, r referrer) error {
	for _, blob := range r.blobs {
		err := d.renewing(ctx, func() error { return d.pusher.Upload(ctx, d.repo, blob) })
		if err != nil {
			return fmt.Errorf("uploading it: %w", explain(err))
		}
	}
	return d.put(ctx, r.digest.String(), r)
}

// refused says whether a registry has no place for referrers: ECR has answered 405 to some
// (https://github.com/aws/containers-roadmap/issues/2783), others answer 400, 404 or 415. A right that is missing and a
// repository that is not there are something else.
func refused(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return !errors.Is(explain(err), ErrNoRepository)
	}
	return false
}
