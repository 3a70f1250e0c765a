package image

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// elfHead is the beginning of a program for an architecture.
func elfHead(arch string) []byte {
	for m, name := range architectures {
		if name != arch {
			continue
		}
		head := make([]byte, 64)
		copy(head, elf.ELFMAG)
		head[elf.EI_CLASS], head[elf.EI_DATA] = byte(m.class), byte(m.data)
		if m.data == elf.ELFDATA2MSB {
			binary.BigEndian.PutUint16(head[18:], uint16(m.kind))
		} else {
			binary.LittleEndian.PutUint16(head[18:], uint16(m.kind))
		}
		return head
	}
	return []byte("#!/bin/sh\n")
}

func TestArchitecture(t *testing.T) {
	for arch := range targets {
		if got := architecture(elfHead(arch)); got != arch {
			t.Errorf("architecture of a program for %s = %q", arch, got)
		}
	}
	for _, head := range []string{"", "\x7fELF", "#!/bin/sh\necho a script that is longer than a header\n"} {
		if got := architecture([]byte(head)); got != "" {
			t.Errorf("architecture of %q = %q, want none", head, got)
		}
	}
}

func TestCheckPlatform(t *testing.T) {
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
		{
			"another program", buildKit, "amd64", arm64,
			"asked for linux/arm64, and /app in the image is a program for amd64: ",
		},
		{
			"another program, classic", classic, "amd64", amd64,
			"asked for linux/arm64, and /app in the image is a program for amd64: ",
		},
		{"another config", buildKit, "arm64", amd64, "asked for linux/arm64, and BuildKit made an image for linux/amd64"},
		{"a script", buildKit, "", arm64, ""},
		{
			"a script, classic", classic, "", amd64,
			"asked for linux/arm64, and the classic builder made an image for linux/amd64",
		},
	}
	for _, test := range tests {
		l, err := compress("app", elfHead(test.program))
		if err != nil {
			t.Fatal(err)
		}
		other, err := compress("other", elfHead("s390x"))
		if err != nil {
			t.Fatal(err)
		}
		config := &v1.ConfigFile{
			OS: test.config.OS, Architecture: test.config.Architecture, Variant: test.config.Variant,
			Config: v1.Config{Entrypoint: []string{"/app"}},
		}
		err = engine{builder: test.builder}.checkPlatform(config, []layer{l, other}, arm64)
		switch {
		case test.want != "":
			wantError(t, err, test.want)
		case err != nil:
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestEntrypoint wants the file of the last layer that has it, which is the one a container sees.
func TestEntrypoint(t *testing.T) {
	var layers []layer
	for _, arch := range []string{"amd64", "arm64"} {
		l, err := compress("app", elfHead(arch))
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, l)
	}
	for _, config := range []v1.Config{{Entrypoint: []string{"/app", "-v"}}, {Cmd: []string{"//app"}}} {
		if _, arch, err := entrypoint(config, layers); err != nil || arch != "arm64" {
			t.Errorf("entrypoint of %v is for %q (%v), want arm64", config, arch, err)
		}
	}
	slices.Reverse(layers)
	if _, arch, err := entrypoint(v1.Config{Cmd: []string{"/app"}}, layers); err != nil || arch != "amd64" {
		t.Errorf("entrypoint is for %q (%v), want amd64", arch, err)
	}
	for _, config := range []v1.Config{{}, {Entrypoint: []string{"app"}}, {Cmd: []string{"/nowhere"}}} {
		if _, arch, err := entrypoint(config, layers); err != nil || arch != "" {
			t.Errorf("entrypoint of %v is for %q (%v), want none", config, arch, err)
		}
	}
}
