package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Media types of the manifests that ECR stores. Docker's schema 1 is not among those of this catalog.
const (
	OCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	OCIIndex       = "application/vnd.oci.image.index.v1+json"
	DockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	DockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// IsIndex reports whether a media type is that of a manifest of manifests.
func IsIndex(mediaType string) bool { return mediaType == OCIIndex || mediaType == DockerList }

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType"`
	Config        *descriptor       `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Manifests     []descriptor      `json:"manifests"`
	Subject       *descriptor       `json:"subject"`
	Annotations   map[string]string `json:"annotations"`

	raw    []byte
	digest string
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// parseManifest checks a manifest and settles its media type: the caller's word, or the manifest's own.
func parseManifest(raw []byte, mediaType string) (*manifest, error) {
	const parameter = "imageManifest"
	if len(raw) == 0 {
		return nil, Invalid(parameter, "Member must have length greater than or equal to 1")
	}
	if len(raw) > MaxManifest {
		return nil, Invalid(parameter, "Member must have length less than or equal to %d", MaxManifest)
	}
	m := &manifest{raw: raw, digest: Digest(raw)}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, Invalid("ImageManifest", "Invalid JSON syntax")
	}
	if m.MediaType != "" && mediaType != "" && m.MediaType != mediaType {
		return nil, Invalid("ImageManifest", "The manifest's media type %s does not match the requested %s", m.MediaType, mediaType)
	}
	if m.MediaType == "" {
		m.MediaType = mediaType
	}
	if m.MediaType == "" {
		return nil, refuse("InvalidParameterException", "image manifest mediatype not provided in manifest or parameter")
	}
	if err := m.check(); err != nil {
		return nil, Invalid("ImageManifest", "%v", err)
	}
	return m, nil
}

// Digest is the sha256 digest of some bytes, as registries write it.
func Digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (m *manifest) check() error {
	if m.SchemaVersion != 2 {
		return fmt.Errorf("Unsupported manifest schema version %d", m.SchemaVersion)
	}
	switch m.MediaType {
	case OCIIndex, DockerList:
		if m.Config != nil || m.Layers != nil {
			return fmt.Errorf("A manifest list has neither config nor layers")
		}
	case OCIManifest, DockerManifest:
		if m.Manifests != nil {
			return fmt.Errorf("An image manifest has no manifests")
		}
		if m.Config == nil {
			return fmt.Errorf("The manifest has no config")
		}
	default:
		return fmt.Errorf("Unsupported manifest media type %s", m.MediaType)
	}
	for _, d := range m.descriptors() {
		if !IsDigest(d.Digest) || d.Size < 0 {
			return fmt.Errorf("Invalid descriptor with digest %q and size %d", d.Digest, d.Size)
		}
	}
	return nil
}

func (m *manifest) descriptors() []descriptor {
	all := slices.Concat(m.Layers, m.Manifests)
	for _, one := range []*descriptor{m.Config, m.Subject} {
		if one != nil {
			all = append(all, *one)
		}
	}
	return all
}

// blobs are the digests, without repetition, of what must have been uploaded before: config and layers. Foreign layers are elsewhere.
func (m *manifest) blobs() []string {
	var all []descriptor
	if m.Config != nil {
		all = append(all, *m.Config)
	}
	for _, layer := range m.Layers {
		foreign := strings.Contains(layer.MediaType, ".foreign.") || strings.Contains(layer.MediaType, ".nondistributable.")
		if !foreign {
			all = append(all, layer)
		}
	}
	return distinct(all)
}

// children are the digests, without repetition, of an index's manifests.
func (m *manifest) children() []string { return distinct(m.Manifests) }

func distinct(all []descriptor) []string {
	var digests []string
	seen := map[string]bool{}
	for _, d := range all {
		if !seen[d.Digest] {
			digests = append(digests, d.Digest)
		}
		seen[d.Digest] = true
	}
	return digests
}

func (m *manifest) subject() string {
	if m.Subject == nil {
		return ""
	}
	return m.Subject.Digest
}

// artifact is what DescribeImages calls artifactMediaType and the referrers API artifactType.
func (m *manifest) artifact() string {
	if m.ArtifactType == "" && m.Config != nil {
		return m.Config.MediaType
	}
	return m.ArtifactType
}
