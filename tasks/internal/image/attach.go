package image

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// referrersLimit: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html, "References per image".
const referrersLimit = 100

// Attached is what became of an SBOM.
type Attached struct {
	Digest  v1.Hash // of the manifest that ties it to its image
	New     bool    // it was sent now; else it was there before, or is refused
	Refused error   // why there is none: the repository does not take it, or the image has no Go program; nil if there is
}

// Attach adds the image's [SBOM] to it as an OCI referrer, unless it is there. A registry that lists no referrers,
// refuses this one, or has as many as ECR allows, is no error. It is asked before anything is sent: an OCI-Subject
// header proves nothing, for ECR once gave it without having a list
// (https://github.com/sigstore/sigstore-js/pull/1183). No tag is written instead: a repository may not let it move.
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
	switch {
	case errors.Is(err, errNoProgram):
		return Attached{Refused: err}, nil
	case err != nil:
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
	there, err := d.referrers(ctx, subject)
	var lost *url.Error
	switch {
	case refused(err), err != nil && status(err) == 0 && !errors.As(err, &lost): // the latter is no list at all
		return errors.New("the registry keeps no list of what refers to an image"), nil
	case err != nil:
		return nil, err
	}
	if len(there) >= referrersLimit {
		return fmt.Errorf("%d artifacts refer to the image already, and ECR takes no more than %d", len(there),
			referrersLimit), nil
	}
	return nil, nil
}

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
// (https://github.com/aws/containers-roadmap/issues/2783), others answer 400, 404 or 415.
func refused(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return !errors.Is(explain(err), ErrNoRepository)
	}
	return false
}

const (
	sbomType  types.MediaType = "application/vnd.cyclonedx+json"
	emptyType types.MediaType = "application/vnd.oci.empty.v1+json" // of a config that says nothing
)

// referrer is an artifact that names an image as its subject, as the OCI image specification 1.1 has it
// (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage).
type referrer struct {
	raw    []byte
	digest v1.Hash
	blobs  []v1.Layer // what it names, its config as the first
}

func (r referrer) RawManifest() ([]byte, error)        { return r.raw, nil }
func (r referrer) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

type artifactManifest struct {
	v1.Manifest
	ArtifactType types.MediaType `json:"artifactType"`
}

func newReferrer(b Built, document []byte) (referrer, error) {
	said, err := b.said()
	if err != nil {
		return referrer{}, err
	}
	size, err := b.top().Size()
	if err != nil {
		return referrer{}, err
	}
	blobs := []v1.Layer{static.NewLayer([]byte("{}"), emptyType), static.NewLayer(document, sbomType)}
	config, configErr := partial.Descriptor(blobs[0])
	content, contentErr := partial.Descriptor(blobs[1])
	if err := cmp.Or(configErr, contentErr); err != nil {
		return referrer{}, err
	}
	content.Annotations = map[string]string{titleAnnotation: b.App + ".cdx.json"} // what oras calls the file
	manifest := artifactManifest{ArtifactType: sbomType, Manifest: v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: *config, Layers: []v1.Descriptor{*content},
		Subject: &v1.Descriptor{MediaType: b.MediaType, Digest: b.Digest, Size: size},
	}}
	if at := createdAt(said); at != "" {
		manifest.Annotations = map[string]string{createdAnnotation: at}
	}
	raw, err := json.Marshal(manifest)
	if err != nil {
		return referrer{}, err
	}
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	return referrer{raw, digest, blobs}, err
}

const titleAnnotation = "org.opencontainers.image.title"
