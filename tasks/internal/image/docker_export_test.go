package image

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestCalls(t *testing.T) {
	variant := func(v string) v1.Platform { return v1.Platform{OS: "linux", Architecture: "amd64", Variant: v} }
	got := engine{builder: fleet}.calls([]v1.Platform{amd64, arm64, variant("v2"), variant("v3")})
	if want := [][]v1.Platform{{amd64, arm64}, {variant("v2")}, {variant("v3")}}; !reflect.DeepEqual(got, want) {
		t.Errorf("calls = %v, want %v", got, want)
	}
}

// TestExport has a plugin that sends what it is told to: a builder elsewhere, and what it may do wrong.
func TestExport(t *testing.T) {
	dir := t.TempDir()
	made := fakePrograms(t, amd64, arm64)
	if err := WriteLayout(filepath.Join(dir, "made"), made); err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(dir, "docker-buildx")
	script := "#!/bin/sh\nfor arg; do case $arg in --output=*) cp -r " + dir + "/made \"${arg#*dest=}\";; esac; done\n"
	if err := os.WriteFile(plugin, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	e := engine{builder: fleet, docker: "docker", plugin: plugin, root: dir, env: os.Environ(), log: &strings.Builder{}}
	s := Source{Apps: []string{"app"}, Revision: revision, Platforms: []v1.Platform{arm64, amd64}}
	b, err := e.build(context.Background(), s, "app")
	if err != nil {
		t.Fatal(err)
	}
	images, err := b.images()
	if err != nil {
		t.Fatal(err)
	}
	for i, img := range images {
		if config, err := img.ConfigFile(); err != nil || !config.Platform().Equals(s.Platforms[i]) {
			t.Errorf("image %d is for %s (%v), want %s", i, config.Platform(), err, s.Platforms[i])
		}
	}
	s.Platforms = []v1.Platform{{OS: "linux", Architecture: "s390x"}}
	_, err = e.build(context.Background(), s, "app")
	wantError(t, err, `building "app" for linux/s390x with a BuildKit of its own (buildx), by docker: `,
		"made no image for linux/s390x")
}

// fakePrograms is an index of images with a program each, or what passes for one.
func fakePrograms(t *testing.T, platforms ...v1.Platform) Built {
	t.Helper()
	var layers []layer
	for _, p := range platforms {
		l, err := compress("app", elfHead(p.Architecture))
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, l)
	}
	b, err := assemble(Source{Apps: []string{"app"}, Revision: revision, Platforms: platforms}, "app", nil, layers)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
