package image

import (
	"archive/tar"
	"bytes"
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// bom is a CycloneDX document (https://cyclonedx.org/docs/1.6/json/), with the parts of it that a Go binary can fill.
type bom struct {
	Format       string        `json:"bomFormat"`
	SpecVersion  string        `json:"specVersion"`
	Version      int           `json:"version"`
	Metadata     bomMetadata   `json:"metadata"`
	Components   []component   `json:"components"`
	Dependencies []bomDepended `json:"dependencies"`
}

type bomMetadata struct {
	Component component `json:"component"`
}

type component struct {
	Type    string    `json:"type"` // container, application or library
	Ref     string    `json:"bom-ref"`
	Name    string    `json:"name"`
	Version string    `json:"version,omitempty"`
	Hashes  []bomHash `json:"hashes,omitempty"`
	PURL    string    `json:"purl,omitempty"`
}

type bomHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type bomDepended struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// SBOM lists what the programs in an image were made of, as CycloneDX JSON: the image, its binary for each platform, and the
// modules and the Go release that each binary says it was built from. It reads the binaries in the layers, so it does not
// matter which engine built them. It holds no time and no random number: one image has one document.
func SBOM(b Built) ([]byte, error) {
	document, err := b.bom()
	if err != nil {
		return nil, fmt.Errorf("listing what %q is made of: %w", b.App, err)
	}
	return json.Marshal(document)
}

func (b Built) bom() (bom, error) {
	top := component{
		Type: "container", Ref: b.Digest.String(), Name: b.App,
		PURL: "pkg:oci/" + b.App + "@" + url.QueryEscape(b.Digest.String()),
	}
	document := bom{Format: "CycloneDX", SpecVersion: "1.6", Version: 1, Metadata: bomMetadata{top}}
	images, err := b.images()
	if err != nil {
		return bom{}, err
	}
	programs := bomDepended{Ref: top.Ref}
	for i, img := range images {
		binary, err := programOf(img)
		if err != nil {
			return bom{}, fmt.Errorf("looking for the program for %s: %w", b.Platforms[i], err)
		}
		info, err := buildinfo.Read(bytes.NewReader(binary))
		if err != nil {
			return bom{}, fmt.Errorf("reading what the program for %s was built from: %w", b.Platforms[i], err)
		}
		programs.DependsOn = append(programs.DependsOn, document.add(b.App, b.Platforms[i], binary, info))
	}
	slices.SortFunc(document.Components, func(a, b component) int { return cmp.Compare(a.Ref, b.Ref) })
	document.Components = slices.CompactFunc(document.Components, func(a, b component) bool { return a.Ref == b.Ref })
	document.Dependencies = append([]bomDepended{programs}, document.Dependencies...)
	return document, nil
}

// add notes one program and what it was built from, and returns its reference.
func (d *bom) add(app string, p v1.Platform, binary []byte, info *debug.BuildInfo) string {
	sum := sha256.Sum256(binary)
	program := component{
		Type: "application", Ref: app + "@" + p.String(), Name: info.Path, Version: info.Main.Version,
		Hashes: []bomHash{{"SHA-256", hex.EncodeToString(sum[:])}},
	}
	d.Components = append(d.Components, program)
	needs := bomDepended{Ref: program.Ref, DependsOn: []string{}}
	for _, module := range append(info.Deps, &debug.Module{Path: "stdlib", Version: info.GoVersion}) {
		if module.Replace != nil {
			module = module.Replace
		}
		library := goModule(*module)
		d.Components = append(d.Components, library)
		needs.DependsOn = append(needs.DependsOn, library.Ref)
	}
	slices.Sort(needs.DependsOn)
	d.Dependencies = append(d.Dependencies, needs)
	return program.Ref
}

// goModule is a module under its package URL. A module that was replaced by a folder has no version.
func goModule(m debug.Module) component {
	purl := "pkg:golang/" + m.Path
	if m.Version != "" {
		purl += "@" + url.QueryEscape(strings.TrimPrefix(m.Version, "go"))
	}
	return component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
}

// programOf reads the program that an image runs.
func programOf(img v1.Image) ([]byte, error) {
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	if len(config.Config.Entrypoint) == 0 {
		return nil, errors.New("the image has no entrypoint")
	}
	name := strings.TrimPrefix(config.Config.Entrypoint[0], "/")
	layers, err := img.Layers()
	if err != nil {
		return nil, err
	}
	for _, layer := range slices.Backward(layers) {
		if content, err := fileOf(layer, name); err != nil || content != nil {
			return content, err
		}
	}
	return nil, fmt.Errorf("no layer has its entrypoint %q", name)
}

// fileOf reads a file out of a layer; nil if it is not there.
func fileOf(layer v1.Layer, name string) ([]byte, error) {
	archive, err := layer.Uncompressed()
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	files := tar.NewReader(archive)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if header.Typeflag == tar.TypeReg && strings.TrimPrefix(strings.TrimPrefix(header.Name, "."), "/") == name {
			return io.ReadAll(files)
		}
	}
}
