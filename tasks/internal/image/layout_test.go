package image

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func TestWriteLayout(t *testing.T) {
	dist := filepath.Join(t.TempDir(), "dist")
	dir := filepath.Join(dist, "app")
	platforms, err := ParsePlatforms("linux/amd64,linux/arm/v6")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []Built{fake(t, "one"), fake(t, "two", platforms...), fake(t, "one")} {
		if err := WriteLayout(dir, b); err != nil {
			t.Fatal(err)
		}
		checkLayout(t, dir, b)
	}
	if entries, err := os.ReadDir(dist); err != nil || len(entries) != 1 {
		t.Errorf("dist holds %v (%v), want the layout alone", entries, err)
	}
	// One image: its manifest, config and layer. Nothing of the index that was there is left.
	if blobs, err := os.ReadDir(filepath.Join(dir, "blobs", "sha256")); err != nil || len(blobs) != 3 {
		t.Errorf("the layout holds %d blobs (%v), want 3", len(blobs), err)
	}
}

// checkLayout wants b as the only content, whole.
func checkLayout(t *testing.T, dir string, b Built) {
	t.Helper()
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("index.json = %+v (%v), want one entry", manifest, err)
	}
	if d := manifest.Manifests[0]; d.Digest != b.Digest || d.MediaType != b.MediaType ||
		d.Annotations[refName] != "latest" {
		t.Errorf("index.json lists %+v, want %s %s as latest", d, b.MediaType, b.Digest)
	}
}

func TestWriteLayoutLeavesOtherFoldersAlone(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"thesis.txt": "years of work\n"})
	err := WriteLayout(dir, fake(t, "x"))
	wantError(t, err, `writing image "app" to "`+dir, "something else than an OCI layout")
	if got, err := os.ReadFile(filepath.Join(dir, "thesis.txt")); err != nil || string(got) != "years of work\n" {
		t.Errorf("the folder's file = %q, %v", got, err)
	}

	if err := WriteLayout(t.TempDir(), fake(t, "x")); err != nil {
		t.Errorf("WriteLayout into an empty folder = %v", err)
	}
}
