package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	if json.Unmarshal(raw, m) != nil || m.MediaType != "" && mediaType != "" && m.MediaType != mediaType {
		return nil, invalidManifest()
	}
	if m.MediaType == "" {
		m.MediaType = mediaType
	}
	if !m.wellFormed() {
		return nil, invalidManifest()
	}
	return m, nil
}

// invalidManifest has the words that ECR has for every manifest that it cannot use: see aws/aws-cli #8620 for an
// unknown media type, aws/aws-sdk #193 for none.
func invalidManifest() *Error { return Invalid("ImageManifest", "Invalid JSON syntax") }

// Digest is the sha256 digest of some bytes, as registries write it.
func Digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (m *manifest) wellFormed() bool {
	switch m.MediaType {
	case OCIIndex, DockerList:
		if m.Config != nil || m.Layers != nil {
			return false
		}
	case OCIManifest, DockerManifest:
		if m.Manifests != nil || m.Config == nil {
			return false
		}
	default:
		return false
	}
	return m.SchemaVersion == 2 && !slices.ContainsFunc(m.descriptors(), func(d descriptor) bool {
		return !IsDigest(d.Digest) || d.Size < 0
	})
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
