package image

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// SBOM lists what the programs in an image were made of, as CycloneDX 1.6 JSON, from the build information in each
// program: one without it is an error. One image has one document, byte for byte.
func SBOM(b Built) ([]byte, error) {
	document, err := b.bom()
	if err != nil {
		return nil, fmt.Errorf("listing what %q is made of: %w", b.App, err)
	}
	return document.encode()
}

// errNoProgram is of an image with an entrypoint that is no program of Go.
var errNoProgram = errors.New("reading the program")

func (b Built) bom() (bom, error) {
	said, err := b.said()
	if err != nil {
		return bom{}, err
	}
	programs, err := Programs(b)
	if err != nil {
		return bom{}, err
	}
	for _, p := range programs {
		if p.Err != nil {
			return bom{}, fmt.Errorf("%w for %s: %w", errNoProgram, p.Platform, p.Err)
		}
	}
	return describe(b.App, b.Digest, said, programs), nil
}

func (b Built) said() (map[string]string, error) {
	raw, err := b.top().RawManifest()
	if err != nil {
		return nil, err
	}
	return annotationsOf(raw)
}

func annotationsOf(raw []byte) (map[string]string, error) {
	var manifest struct {
		Annotations map[string]string `json:"annotations"`
	}
	err := json.Unmarshal(raw, &manifest)
	return manifest.Annotations, err
}

// describe makes the document: the image needs its programs, and each of them its modules.
func describe(app string, digest v1.Hash, said map[string]string, programs []Program) bom {
	image := component{
		Type: "container", Ref: digest.String(), Name: app, Version: said[versionAnnotation],
		PURL: "pkg:oci/" + strings.ToLower(app) + "@" + digest.String(),
	}
	document := newBOM(image, createdAt(said))
	needs := dependency{Ref: image.Ref, On: []string{}}
	parts := map[string]component{}
	for _, p := range programs {
		application := p.component(app, image.Version)
		parts[application.Ref] = application
		needs.On = append(needs.On, application.Ref)
		has := dependency{Ref: application.Ref, On: []string{}}
		for _, library := range p.libraries() {
			parts[library.Ref] = library
			has.On = append(has.On, library.Ref)
		}
		slices.Sort(has.On)
		document.Dependencies = append(document.Dependencies, has)
	}
	slices.Sort(needs.On)
	document.Dependencies = append(document.Dependencies, needs)
	slices.SortFunc(document.Dependencies, func(a, b dependency) int { return cmp.Compare(a.Ref, b.Ref) })
	for _, ref := range slices.Sorted(maps.Keys(parts)) {
		document.Components = append(document.Components, parts[ref])
	}
	return document
}

// createdAt is the image's time, empty where it is only the epoch that stands for none.
func createdAt(said map[string]string) string {
	at, err := time.Parse(time.RFC3339, said[createdAnnotation])
	if err != nil || at.Unix() <= 0 {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

const (
	createdAnnotation = "org.opencontainers.image.created"
	versionAnnotation = "org.opencontainers.image.version"
)
