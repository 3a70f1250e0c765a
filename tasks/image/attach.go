package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	sbomType  types.MediaType = "application/vnd.cyclonedx+json"
	emptyType types.MediaType = "application/vnd.oci.empty.v1+json" // of a config that says nothing, {}
)

// Attached is what became of an SBOM.
type Attached struct {
	Digest  v1.Hash
	New     bool  // it was not there before
	Refused error // why the registry does not take it, nil if it does; no error of the push
}

// Attach adds the image's [SBOM] to it as an OCI referrer, once: the same image has the same document under the same digest,
// and what is there is not sent again. A registry may take no referrers, and ECR takes a hundred for one image
// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html); then the image is as good without. No tag is
// written in their stead, which a repository may not let move.
func Attach(ctx context.Context, d *Destination, b Built) (Attached, error) {
	document, err := SBOM(b)
	if err != nil {
		return Attached{}, err
	}
	r := newReferrer(document, b)
	a := Attached{Digest: r.digest}
	_, found, err := d.head(ctx, r.digest.String())
	if err != nil || found {
		return a, err
	}
	err = d.putReferrer(ctx, r)
	if refused(err) {
		a.Refused = err
		return a, nil
	}
	a.New = err == nil
	if err != nil {
		return a, fmt.Errorf("attaching the SBOM of %q: %w", b.App, err)
	}
	return a, nil
}

func (d *Destination) putReferrer(ctx context.Context, r referrer) error {
	for _, blob := range []v1.Layer{r.config, r.layer} {
		err := d.renewing(ctx, func() error { return d.pusher.Upload(ctx, d.repo, blob) })
		if err != nil {
			return fmt.Errorf("uploading it: %w", explain(err))
		}
	}
	return d.put(ctx, r.digest.String(), r)
}

// refused is a registry that has no place for a referrer: 405 where it knows none, 400 or 404 for the manifest, 403 and 429
// with a quota are not told from a right that lacks, and are errors.
func refused(err error) bool {
	var r *refusal
	if !errors.As(err, &r) {
		return false
	}
	switch r.answer.StatusCode {
	case http.StatusMethodNotAllowed, http.StatusBadRequest, http.StatusNotFound, http.StatusUnsupportedMediaType:
		return true
	}
	return false
}

// referrer is an artifact manifest that points at its subject.
type referrer struct {
	raw           []byte
	digest        v1.Hash
	config, layer v1.Layer
}

func (r referrer) RawManifest() ([]byte, error)        { return r.raw, nil }
func (r referrer) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

func newReferrer(document []byte, b Built) referrer {
	r := referrer{config: static.NewLayer([]byte("{}"), emptyType), layer: static.NewLayer(document, sbomType)}
	size, _ := b.top().Size() // of a manifest that was measured when it was built
	raw, err := json.Marshal(struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     types.MediaType `json:"mediaType"`
		ArtifactType  types.MediaType `json:"artifactType"`
		Config        v1.Descriptor   `json:"config"`
		Layers        []v1.Descriptor `json:"layers"`
		Subject       v1.Descriptor   `json:"subject"`
	}{2, types.OCIManifestSchema1, sbomType, describeBlob(r.config), []v1.Descriptor{describeBlob(r.layer)},
		v1.Descriptor{MediaType: b.MediaType, Digest: b.Digest, Size: size}})
	if err != nil {
		panic(err) // of plain strings and numbers
	}
	r.raw = raw
	sum := static.NewLayer(raw, types.OCIManifestSchema1)
	r.digest, _ = sum.Digest() // of bytes in memory
	return r
}

// describeBlob is a descriptor of bytes in memory, which cannot fail.
func describeBlob(l v1.Layer) v1.Descriptor {
	mediaType, _ := l.MediaType()
	digest, _ := l.Digest()
	size, _ := l.Size()
	return v1.Descriptor{MediaType: mediaType, Digest: digest, Size: size}
}
