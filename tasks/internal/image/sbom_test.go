package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// withModule is a program that is linked of a module, which its go.mod replaces by a folder.
var withModule = map[string]string{
	"go.mod": "module example.com/demo\n\ngo 1.26\n\nrequire example.com/Lib v1.2.3\n\nreplace example.com/Lib => ./lib\n",
	"apps/app/main.go": "package main\n\nimport lib \"example.com/Lib\"\n\nvar version = \"unset\"\n\n" +
		"func main() { println(lib.Word, version) }\n",
	"lib/go.mod": "module example.com/Lib\n\ngo 1.26\n",
	"lib/lib.go": "package lib\n\nvar Word = \"word\"\n",
}

// builtWithModule is that program in an image, for as many platforms.
func builtWithModule(t *testing.T, platforms ...v1.Platform) Built {
	t.Helper()
	s := source(write(t, t.TempDir(), withModule))
	s.Platforms = platforms
	built, err := Build(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return built[0]
}

func TestSBOM(t *testing.T) {
	b := builtWithModule(t, amd64, arm64)
	document, err := SBOM(b)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := SBOM(b); err != nil || !bytes.Equal(document, again) {
		t.Errorf("SBOM is not the same twice (%v)", err)
	}
	var got bom
	if err := json.Unmarshal(document, &got); err != nil {
		t.Fatal(err)
	}
	checkBOM(t, document)
	wantImage := component{
		Type: "container", Ref: b.Digest.String(), Name: "app", Version: revision.Version(), PURL: "pkg:oci/app@" +
			b.Digest.String(),
	}
	if !reflect.DeepEqual(got.Metadata.Component, wantImage) || got.Metadata.Timestamp != "2026-03-04T05:06:07Z" {
		t.Errorf("SBOM is of %+v at %s, want %+v at the commit's time", got.Metadata.Component, got.Metadata.Timestamp,
			wantImage)
	}
	var refs []string
	for _, c := range got.Components {
		refs = append(refs, c.Ref)
	}
	libraries := []string{"example.com/Lib@v1.2.3", "stdlib@" + release(t)}
	want := append([]string{"app@linux/amd64", "app@linux/arm64"}, libraries...)
	if !slices.Equal(refs, want) {
		t.Fatalf("SBOM lists %q, want %q", refs, want)
	}
	wantNeeds := []dependency{
		{"app@linux/amd64", libraries}, {"app@linux/arm64", libraries}, {
			b.Digest.String(),
			[]string{"app@linux/amd64", "app@linux/arm64"},
		},
	}
	if !reflect.DeepEqual(got.Dependencies, wantNeeds) {
		t.Errorf("dependencies are %v, want %v", got.Dependencies, wantNeeds)
	}
	if a, b := got.Components[0], got.Components[1]; a.Hashes[0] == b.Hashes[0] || !slices.Contains(b.Properties,
		property{"cdx:gomod:build:env:GOARCH", "arm64"}) {
		t.Errorf("the programs are %+v and %+v", a, b)
	}
}

// release is the number of the Go release that compiles the tests' programs.
func release(t *testing.T) string {
	t.Helper()
	said, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(strings.TrimSpace(string(said)), "go")
}

// TestSBOMOfRealProgram reads a program of this project, with a module that go.sum knows.
func TestSBOMOfRealProgram(t *testing.T) {
	takesLong(t)
	s := source("../../..")
	s.Apps = []string{"client"}
	built, err := Build(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	document, err := SBOM(built[0])
	if err != nil {
		t.Fatal(err)
	}
	checkBOM(t, document)
	sums, err := os.ReadFile("../../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	sum := regexp.MustCompile(`github\.com/coder/websocket (v\S+) (h1:\S+)`).FindSubmatch(sums)
	for _, want := range []string{
		`"purl":"pkg:golang/github.com/coder/websocket@` + string(sum[1]) + `"`,
		`"value":"` + string(sum[2]) + `"`,
	} {
		if !strings.Contains(string(document), want) {
			t.Errorf("SBOM does not say %s: %s", want, document)
		}
	}
}

func TestSBOMOfNoGoProgram(t *testing.T) {
	_, err := SBOM(fake(t, "#!/bin/sh\n"))
	wantError(t, err, `listing what "app" is made of`, "for linux/amd64", `"/app", which it starts, is no program of Go`)
}

// TestOtherPrograms wants to know what else an image could run, and what its entrypoint is behind.
func TestOtherPrograms(t *testing.T) {
	config := &v1.ConfigFile{OS: "linux", Architecture: "amd64", Config: v1.Config{Entrypoint: []string{"app"}}}
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	for name, header := range map[string]tar.Header{
		"bin/tool": {Mode: 0o755}, "etc/passwd": {Mode: 0o644}, "bin/sh": {Mode: 0o777, Typeflag: tar.TypeSymlink},
	} {
		header.Name = name
		if err := archive.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := repack(&content)
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(layered(t, config, []byte("app")), l)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := Programs(Built{Image: img, Platforms: []v1.Platform{amd64}})
	if err != nil || string(programs[0].Binary) != "app" || !slices.Equal(programs[0].Others, []string{"/bin/tool"}) {
		t.Errorf("%+v, %v", programs, err)
	}
	img, err = mutate.Config(img, v1.Config{Entrypoint: []string{"/bin/sh"}})
	if err != nil {
		t.Fatal(err)
	}
	programs, err = Programs(Built{Image: img, Platforms: []v1.Platform{amd64}})
	if err != nil || programs[0].Err == nil || !strings.Contains(programs[0].Err.Error(), `"/bin/sh" is no regular file`) {
		t.Errorf("%+v, %v", programs, err)
	}
}

// TestLibrary has modules as programs name them.
func TestLibrary(t *testing.T) {
	const sum = "h1:abc="
	asked := component{
		Type: "library", Name: "a.b/C", Version: "v1.0.0+incompatible",
		PURL: "pkg:golang/a.b/c@v1.0.0%2Bincompatible",
	}
	plain, folder, fork, own := asked, asked, asked, asked
	const ref = "a.b/C@v1.0.0+incompatible"
	plain.Ref, folder.Ref, fork.Ref, own.Ref = ref, ref, ref, "a.b/C@(devel)"
	plain.Properties = []property{{"go:sum", sum}}
	folder.Version, folder.PURL = "", "pkg:golang/a.b/c"
	folder.Pedigree = &pedigree{Ancestors: []component{asked}, Notes: "replaced by a folder"}
	fork.Name, fork.Version, fork.PURL = "d.e/f", "v2.0.0", "pkg:golang/d.e/f@v2.0.0"
	fork.Pedigree, fork.Properties = &pedigree{Ancestors: []component{asked}}, []property{{"go:sum", sum}}
	own.Version, own.PURL = "", "pkg:golang/a.b/c"
	for name, c := range map[string]struct {
		module debug.Module
		want   component
	}{
		"plain": {debug.Module{Path: "a.b/C", Version: "v1.0.0+incompatible", Sum: sum}, plain},
		"by a folder": {debug.Module{
			Path: "a.b/C", Version: "v1.0.0+incompatible",
			Replace: &debug.Module{Path: "/home/me/c"},
		}, folder},
		"by a module": {debug.Module{
			Path: "a.b/C", Version: "v1.0.0+incompatible",
			Replace: &debug.Module{Path: "d.e/f", Version: "v2.0.0", Sum: sum},
		}, fork},
		"of workspace": {debug.Module{Path: "a.b/C", Version: "(devel)"}, own},
	} {
		if got := moduleComponent(c.module); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: library = %+v, want %+v", name, got, c.want)
		}
	}
	for said, want := range map[string]string{
		"go1.26.8": "1.26.8", "go1.26.8 X:nodwarf5": "1.26.8",
		"devel +abc": "devel +abc",
	} {
		if got := standardLibrary(said); got.Version != want {
			t.Errorf("standardLibrary(%s) is %s, want %s", said, got.Version, want)
		}
	}
}
