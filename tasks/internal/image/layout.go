package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// refName is the annotation by which skopeo, podman and others find an image in a layout.
const refName = "org.opencontainers.image.ref.name"

// WriteLayout writes the image as an OCI layout into dir, under the name latest. It replaces what dir held as a whole,
// once the new layout is complete; a dir that is not a layout is an error.
func WriteLayout(dir string, b Built) error {
	if err := writeLayout(dir, b); err != nil {
		return fmt.Errorf("writing image %q to %q: %w", b.App, dir, err)
	}
	return nil
}

func writeLayout(dir string, b Built) error {
	if err := replaceable(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	// Hidden and beside dir: on the same disk, so that it can be renamed.
	scratch, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)

	fresh := filepath.Join(scratch, "new")
	if _, err := layout.Write(fresh, b.contents()); err != nil {
		return err
	}
	return swap(fresh, dir, filepath.Join(scratch, "old"))
}

func (b Built) contents() v1.ImageIndex {
	add := mutate.IndexAddendum{Descriptor: v1.Descriptor{Annotations: map[string]string{refName: latest}}}
	if b.Index != nil {
		add.Add = b.Index
	} else {
		add.Add = b.Image
		add.Platform = &b.Platforms[0]
	}
	return mutate.AppendManifests(empty.Index, add)
}

func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "oci-layout")); len(entries) > 0 && err != nil {
		return errors.New("the folder holds something else than an OCI layout")
	}
	return nil
}

// swap moves dir to old and fresh to dir, and puts dir back if that fails.
func swap(fresh, dir, old string) error {
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if renameErr := os.Rename(fresh, dir); renameErr != nil {
		if err == nil {
			return errors.Join(renameErr, os.Rename(old, dir))
		}
		return renameErr
	}
	return nil
}
