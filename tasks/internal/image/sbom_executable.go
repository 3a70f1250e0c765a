package image

import (
	"archive/tar"
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Program is what an image runs on one platform.
type Program struct {
	Platform v1.Platform
	Binary   []byte
	Others   []string // other files of the image that can be executed
	Err      error    // why it is no program of Go

	there bool // a layer has the program
	info  *debug.BuildInfo
}

// Programs reads the programs out of an image's layers.
func Programs(b Built) ([]Program, error) {
	images, err := b.images()
	programs := make([]Program, len(images))
	for i, img := range images {
		programs[i].Platform = b.Platforms[i]
		programs[i].Err = programs[i].read(img)
	}
	return programs, err
}

// read looks into the uppermost layer first: of a file that several layers have, that one is right.
func (p *Program) read(img v1.Image) error {
	name, err := commandOf(img)
	if err != nil {
		return err
	}
	layers, err := img.Layers()
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(layers) {
		if err := p.look(l, name); err != nil {
			return fmt.Errorf("reading a layer: %w", err)
		}
	}
	if p.Binary == nil {
		return fmt.Errorf("the entrypoint %q is no regular file of the image", name)
	}
	if p.info, err = buildinfo.Read(bytes.NewReader(p.Binary)); err != nil {
		return fmt.Errorf("%q, which it starts, is no program of Go: %w", name, err)
	}
	return nil
}

func commandOf(img v1.Image) (string, error) {
	config, err := img.ConfigFile()
	if err != nil {
		return "", err
	}
	command := slices.Concat(config.Config.Entrypoint, config.Config.Cmd)
	if len(command) == 0 {
		return "", errors.New("the image has no entrypoint")
	}
	if path.IsAbs(command[0]) {
		return path.Clean(command[0]), nil
	}
	return path.Join("/", config.Config.WorkingDir, command[0]), nil
}

// look reads the program, and notes the other executable files, of one layer.
func (p *Program) look(l v1.Layer, name string) error {
	archive, err := l.Uncompressed()
	if err != nil {
		return err
	}
	defer archive.Close()
	for files := tar.NewReader(archive); ; {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case path.Join("/", header.Name) == name:
			if !p.there && header.Typeflag == tar.TypeReg {
				p.Binary, err = io.ReadAll(files)
			}
			p.there = true
		case header.Typeflag == tar.TypeReg && header.Mode&0o111 != 0:
			p.Others = append(p.Others, path.Join("/", header.Name))
		}
		if err != nil {
			return err
		}
	}
}

// component is the program itself, without a package URL: it is no published module.
func (p Program) component(app, version string) component {
	return component{
		Type: "application", Ref: app + "@" + p.Platform.String(), Name: app, Version: version,
		Hashes:     []bomHash{{"SHA-256", digestOf(p.Binary)}},
		Properties: p.settings(),
	}
}

// settings are how the program was built, under the names that CycloneDX registers for Go:
// https://cyclonedx.github.io/cyclonedx-property-taxonomy/cdx/gomod.html.
func (p Program) settings() []property {
	names := map[string]string{
		"CGO_ENABLED": "cdx:gomod:build:env:CGO_ENABLED", "GOARCH": "cdx:gomod:build:env:GOARCH",
		"GOOS": "cdx:gomod:build:env:GOOS", "-tags": "cdx:gomod:build:tag",
	}
	all := []property{{"cdx:gomod:build:env:GOVERSION", p.info.GoVersion}}
	for _, s := range p.info.Settings { // in the order in which the go command writes them, always the same
		if name, known := names[s.Key]; known && s.Value != "" {
			all = append(all, property{name, s.Value})
		}
	}
	return all
}

func (p Program) setting(name string) string {
	at := slices.IndexFunc(p.info.Settings, func(s debug.BuildSetting) bool { return s.Key == name })
	if at < 0 {
		return ""
	}
	return p.info.Settings[at].Value
}
