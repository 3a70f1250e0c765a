package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Program is the file that an image runs on one platform.
type Program struct {
	Platform v1.Platform
	Name     string // its path in the image
	Binary   []byte
	Err      error // why there is no Binary
}

// Programs reads the program of each platform out of the layers: the bytes that a push uploads, whatever built them.
func Programs(b Built) ([]Program, error) {
	images, err := b.images()
	if err != nil {
		return nil, fmt.Errorf("reading the programs of %q: %w", b.App, err)
	}
	programs := make([]Program, len(images))
	for i, img := range images {
		programs[i], err = readProgram(img, b.Platforms[i])
		programs[i].Err = err
	}
	return programs, nil
}

func readProgram(img v1.Image, p v1.Platform) (Program, error) {
	program := Program{Platform: p}
	var err error
	if program.Name, err = commandOf(img); err == nil {
		program.Binary, err = fileOf(img, program.Name)
	}
	return program, err
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
