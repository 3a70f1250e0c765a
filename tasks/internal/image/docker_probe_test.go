package image

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// TestProbe has a docker that answers as different ones do.
func TestProbe(t *testing.T) {
	const engine = `"Server":{"Version":"28","Os":"linux","Arch":"arm64","Components":[{"Name":"Engine"}]}`
	podman := strings.Replace(engine, "Engine", "Podman Engine", 1)
	for _, test := range []struct {
		name, client, server, driver, env, want string
	}{
		{"before plugins", "20.10.24+dfsg1", engine, "", "", "BuildKit of engine 28"},
		{"the last of these", "22.06.0-beta.0", engine, "", "", "BuildKit of engine 28"},
		{"without its plugin", "28.2.2", engine, "", "", "the classic builder of engine 28"},
		{"an unknown release", "library-import", engine, "", "", "the classic builder of engine 28"},
		{"with its plugin", "28.2.2", engine, "docker", "", "BuildKit of engine 28"},
		{"by the user's wish", "28.2.2", engine, "remote", "DOCKER_BUILDKIT=0", "the classic builder of engine 28"},
		{"a fleet", "28.2.2", engine, "remote", "", "a BuildKit of its own (buildx)"},
		{"a fleet without an engine", "28.2.2", "", "kubernetes", "", "a BuildKit of its own (buildx)"},
		{"podman", "20.10.24", podman, "podman", "", "the classic builder of engine 28"},
		{"no engine", "28.2.2", "", "docker", "", "cannot connect to DOCKER_HOST"},
		{"a broken fleet", "28.2.2", engine, "broken", "", "looking at its buildx builder: no builder"},
	} {
		answer, plugin := `echo '{"Client":{"Version":"`+test.client+`"},`+test.server+`}'`, `echo "Driver: `+test.driver+`"`
		if test.server == "" {
			answer = "echo cannot connect to $DOCKER_HOST >&2; exit 1"
		}
		switch test.driver {
		case "":
			plugin = "exit 1"
		case "broken":
			plugin = "[ $2 = version ] || { echo no builder >&2; exit 1; }"
		}
		dir := t.TempDir()
		docker := "#!/bin/sh\ncase $1 in version) " + answer + ";; buildx) " + plugin + ";; esac\n"
		if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(docker), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir)
		e, err := findEngine(t.Context(), Source{Env: []string{"DOCKER_HOST=tcp://me:secret%zz@host", test.env}})
		if said := e.String() + fmt.Sprint(err); !strings.Contains(said, test.want) || strings.Contains(said, "secret") {
			t.Errorf("%s: %s, want %s", test.name, said, test.want)
		}
		if podman := slices.Contains(e.args, "BUILDPLATFORM"); podman != (test.name == "podman") {
			t.Errorf("%s: build arguments are %q", test.name, e.args)
		}
	}
}

func TestParseDriver(t *testing.T) {
	for said, want := range map[string]string{
		"Name:   default\nDriver: docker\n\nNodes:\nName: default\n":        "docker",
		"Name:          fleet\nDriver:        remote\nLast Activity: now\n": "remote",
		"Name:   default\nDriver: \nError:  Cannot connect\n":               "",
		"": "",
	} {
		if got := parseDriver(said); got != want {
			t.Errorf("parseDriver(%q) = %q, want %q", said, got, want)
		}
	}
}

// TestFleet has a builder elsewhere, which writes what it is told to, and what it may do wrong.
func TestFleet(t *testing.T) {
	dir := t.TempDir()
	s := source(write(t, t.TempDir(), program))
	s.Platforms = []v1.Platform{arm64, amd64}
	s.Revision = revision
	made := build(t, s)
	images, err := made.images()
	if err != nil {
		t.Fatal(err)
	}
	for i, arch := range []string{"arm64", "amd64"} {
		if err := tarball.WriteToFile(filepath.Join(dir, arch), name.MustParseReference("made"), images[i]); err != nil {
			t.Fatal(err)
		}
	}
	script := "#!/bin/sh\nfor arg; do case $arg in\n--platform=*) from=${arg#*linux/};;\n" +
		"--output=*) to=${arg#*dest=};;\nesac; done\n" +
		"cp " + dir + "/$from $to\n"
	docker := filepath.Join(dir, "docker")
	if err := os.WriteFile(docker, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	e := engine{builder: fleet, docker: docker, root: dir, env: os.Environ(), log: io.Discard}
	b, err := e.build(t.Context(), s, "app")
	if err != nil || !reflect.DeepEqual(b.Platforms, s.Platforms) {
		t.Fatalf("%+v, %v", b, err)
	}
	if err := os.Rename(filepath.Join(dir, "amd64"), filepath.Join(dir, "arm64")); err != nil {
		t.Fatal(err)
	}
	s.Platforms = []v1.Platform{arm64}
	_, err = e.build(t.Context(), s, "app")
	wantError(t, err, `building "app" for linux/arm64 with a BuildKit of its own (buildx), by `, "for amd64")
}
