package image

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const user = "65532:65532" // not root; no passwd file gives it a name

func wrap(s Source, app string, ports portSet, p v1.Platform, l layer) (v1.Image, error) {
	created := v1.Time{Time: s.Revision.created()}
	img, err := withoutLayers(&v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant,
		Created: created,
		RootFS:  v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:         user,
			Entrypoint:   []string{"/" + app},
			WorkingDir:   "/",
			ExposedPorts: ports,
			Labels:       s.annotations(app),
		},
	})
	if err != nil {
		return nil, err
	}
	img, err = mutate.Append(img, mutate.Addendum{
		Layer:   l,
		History: v1.History{Created: created, CreatedBy: "go build ./" + appsDir + "/" + app},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(img, s.annotations(app)).(v1.Image), nil
}

func withoutLayers(config *v1.ConfigFile) (v1.Image, error) {
	base := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	return mutate.ConfigFile(mutate.ConfigMediaType(base, types.OCIConfigJSON), config)
}

func join(s Source, app string, images []v1.Image) v1.ImageIndex {
	var adds []mutate.IndexAddendum
	for i, img := range images {
		adds = append(adds, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &s.Platforms[i]}})
	}
	index := mutate.IndexMediaType(mutate.AppendManifests(empty.Index, adds...), types.OCIImageIndex)
	return mutate.Annotations(index, s.annotations(app)).(v1.ImageIndex)
}

// annotations are the image's labels and the manifest's annotations, under the OCI specification's names.
func (s Source) annotations(app string) map[string]string {
	m := map[string]string{
		"org.opencontainers.image.created": s.Revision.created().Format(time.RFC3339),
		"org.opencontainers.image.title":   app,
		"org.opencontainers.image.version": s.Revision.Version(),
	}
	if s.URL != "" {
		m["org.opencontainers.image.source"] = s.URL
	}
	if r := s.Revision.String(); r != "" {
		m[revisionAnnotation] = r
	}
	return m
}

const revisionAnnotation = "org.opencontainers.image.revision"
