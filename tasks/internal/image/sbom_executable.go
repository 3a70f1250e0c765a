package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"runtime/debug"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Program is what an image runs on one platform.
type Program struct {
	Platform v1.Platform
	Binary   []byte
	Err      error // why it is no program of Go
	info     *debug.BuildInfo
}

// Programs reads the programs out of an image's layers: the bytes that a push uploads, whatever built them.
func Programs(b Built) ([]Program, error) {
	images, err := b.images()
	programs := make([]Program, len(images))
	for i, img := range images {
		programs[i].Platform = b.Platforms[i]
		programs[i].Err = programs[i].read(img)
	}
	return programs, err
}

func (p *Program) read(img v1.Image) error {
	name, err := commandOf(img)
	if err != nil {
		return err
	}
	if p.Binary, err = fileOf(img, name); err != nil {
		return err
	}
	if p.info, err = buildinfo.Read(bytes.NewReader(p.Binary)); err != nil {
		return fmt.Errorf("reading the build information of %q: %w", name, err)
	}
	return nil
}

// commandOf is the path of the program that an image runs.
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

// fileOf reads a file of an image that exists in it: then the uppermost layer that has it is right.
func fileOf(img v1.Image, name string) ([]byte, error) {
	layers, err := img.Layers()
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(layers) {
		content, regular, err := fileIn(l, name, math.MaxInt64)
		switch {
		case err != nil:
			return nil, fmt.Errorf("reading a layer: %w", err)
		case regular:
			return content, nil
		case content != nil:
			return nil, fmt.Errorf("the entrypoint %q is not a regular file", name)
		}
	}
	return nil, fmt.Errorf("no layer has the entrypoint %q", name)
}

// fileIn reads the first limit bytes of a file in a layer; nil where the layer has no such file.
func fileIn(l v1.Layer, name string, limit int64) (content []byte, regular bool, err error) {
	archive, err := l.Uncompressed()
	if err != nil {
		return nil, false, err
	}
	defer archive.Close()
	for files := tar.NewReader(archive); ; {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, false, nil
		case err != nil:
			return nil, false, err
		case path.Join("/", header.Name) == name:
			content, err = io.ReadAll(io.LimitReader(files, limit))
			return content, header.Typeflag == tar.TypeReg, err
		}
	}
}

// component is the program itself, under the version of its image. It has no package URL, as it is no published
// module.
func (p Program) component(app, version string) component {
	sum := sha256.Sum256(p.Binary)
	return component{
		Type: "application", Ref: app + "@" + p.Platform.String(), Name: app, Version: version,
		Hashes:     []bomHash{{"SHA-256", hex.EncodeToString(sum[:])}},
		Properties: p.settings(),
	}
}

// settings are how the program was built, under the names that CycloneDX registers for Go
// (https://cyclonedx.github.io/cyclonedx-property-taxonomy/cdx/gomod.html).
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
