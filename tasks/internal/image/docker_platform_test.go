package image

import (
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

func TestCheckPlatform(t *testing.T) {
	module := write(t, t.TempDir(), program)
	programs := map[string][]byte{"": []byte("#!/bin/sh\n")}
	for _, arch := range []string{"amd64", "arm64"} {
		file := filepath.Join(t.TempDir(), "app")
		goBuild(t, module, arch, file, "./apps/app")
		var err error
		if programs[arch], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name    string
		builder builder
		program string // architecture of the entrypoint; empty for a script
		config  v1.Platform
		want    string
	}{
		{"as asked", buildKit, "arm64", arm64, ""},
		{"as asked, by another name", buildKit, "arm64", v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}, ""},
		{"the config of the engine", classic, "arm64", amd64, ""},
		{"another program", buildKit, "amd64", arm64, "asked for linux/arm64, and the program in the image is for amd64: "},
		{"another program, classic", classic, "amd64", amd64, "the program in the image is for amd64: "},
		{"another config", buildKit, "arm64", amd64, "asked for linux/arm64, and BuildKit made an image for linux/amd64"},
		{"a script", buildKit, "", arm64, ""},
		{
			"a script, classic", classic, "", amd64,
			"asked for linux/arm64, and the classic builder made an image for linux/amd64",
		},
	}
	for _, test := range tests {
		config := &v1.ConfigFile{
			OS: test.config.OS, Architecture: test.config.Architecture, Variant: test.config.Variant,
			Config: v1.Config{Entrypoint: []string{"/app"}},
		}
		img := layered(t, config, programs["amd64"], programs[test.program]) // the upper one is what a container sees
		switch err := (engine{builder: test.builder}).checkPlatform(img, config, arm64); {
		case test.want != "":
			wantError(t, err, test.want)
		case err != nil:
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// layered is an image with a layer for each content of /app.
func layered(t *testing.T, config *v1.ConfigFile, contents ...[]byte) v1.Image {
	t.Helper()
	img, err := withoutLayers(config)
	for _, content := range contents {
		var l layer
		if l, err = compress("app", content); err != nil {
			break
		}
		if img, err = mutate.AppendLayers(img, l); err != nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return img
}
