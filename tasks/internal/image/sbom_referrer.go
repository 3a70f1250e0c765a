package image

import (
	"bytes"
	"cmp"
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

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

// artifactManifest is an OCI image manifest of an artifact: the registry client's own type knows no artifactType.
type artifactManifest struct {
	v1.Manifest
	ArtifactType types.MediaType `json:"artifactType"`
}

// newReferrer ties a document to an image. Its time is the image's: the same document has the same digest.
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
