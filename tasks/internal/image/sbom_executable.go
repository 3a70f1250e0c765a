package image

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"runtime/debug"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// executable is the program that an image runs, and what it says of itself.
type executable struct {
	platform v1.Platform
	sum      [sha256.Size]byte
	info     *debug.BuildInfo
}

func readExecutable(img v1.Image, p v1.Platform) (executable, error) {
	program, err := readProgram(img, p)
	if err != nil {
		return executable{}, err
	}
	info, err := buildinfo.Read(bytes.NewReader(program.Binary))
	if err != nil {
		return executable{}, fmt.Errorf("reading the build information of %q: %w", program.Name, err)
	}
	return executable{p, sha256.Sum256(program.Binary), info}, nil
}

// component is the program itself, under the version of its image. It has no package URL, as it is no published
// module.
func (p executable) component(app, version string) component {
	return component{
		Type: "application", Ref: app + "@" + p.platform.String(), Name: app, Version: version,
		Hashes:     []bomHash{{"SHA-256", hex.EncodeToString(p.sum[:])}},
		Properties: p.settings(),
	}
}

// settings are how the program was built, under the names that CycloneDX registers for Go
// (https://cyclonedx.github.io/cyclonedx-property-taxonomy/cdx/gomod.html).
func (p executable) settings() []property {
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
