package image

import (
	"reflect"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestBuildArgs(t *testing.T) {
	armV6 := v1.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}
	amd64V3 := v1.Platform{OS: "linux", Architecture: "amd64", Variant: "v3"}
	tail := []string{
		"--file=apps/app/Dockerfile", "--build-arg=VERSION=0123456789ab", "--build-arg=GO_IMAGE",
		"--label=org.opencontainers.image.created=2026-03-04T05:06:07Z",
		"--label=org.opencontainers.image.revision=" + revision.Commit,
		"--label=org.opencontainers.image.title=app", "--label=org.opencontainers.image.version=0123456789ab", ".",
	}
	tests := []struct {
		builder  builder
		platform v1.Platform
		level    string
		want     []string
	}{
		{classic, arm64, "", []string{
			"build", "--force-rm", "--tag=dest", "--build-arg=TARGETOS=linux", "--build-arg=TARGETARCH=arm64",
		}},
		{buildKit, amd64V3, "--build-arg=GOAMD64=v3", []string{
			"build", "--progress=plain", "--tag=dest", "--platform=linux/amd64/v3",
		}},
		{fleet, armV6, "--build-arg=GOARM=6", []string{
			"buildx", "build", "--progress=plain", "--output=type=docker,dest=dest", "--platform=linux/arm/v6",
		}},
	}
	for _, test := range tests {
		e := engine{builder: test.builder, args: []string{"GO_IMAGE"}}
		want := slices.Concat(test.want, tail)
		if test.level != "" {
			want = slices.Insert(want, len(test.want)+2, test.level)
		}
		if got := e.buildArgs(Source{Revision: revision}, "app", test.platform, "dest"); !slices.Equal(got, want) {
			t.Errorf("with %s:\ngot  %q\nwant %q", test.builder, got, want)
		}
	}
}

// An app of a mix is built by its own recipe.
func TestRecipe(t *testing.T) {
	s := Source{Apps: []string{"app", "web", "client", "arm", "site"}, Recipes: map[string]Recipe{
		"web": {
			Docker: true, Platforms: []v1.Platform{arm64}, Args: map[string]string{"B": "2", "A": "1"},
			Context: "web/", Target: "final",
		},
		"arm":  {Platforms: []v1.Platform{arm64}},
		"site": {Docker: true},
	}}
	var parts [][]string
	for _, part := range s.parts() {
		parts = append(parts, part.Apps)
	}
	if want := [][]string{{"app", "client"}, {"web", "site"}, {"arm"}}; !reflect.DeepEqual(parts, want) {
		t.Errorf("built together are %q, want %q", parts, want)
	}
	got := engine{builder: buildKit}.buildArgs(s.of("web"), "web", arm64, "dest")
	at := slices.Index(got, "--file=apps/web/Dockerfile")
	if want := []string{"--build-arg=A=1", "--build-arg=B=2", "--target=final"}; !slices.Equal(got[at+2:at+5], want) ||
		got[len(got)-1] != "./web" {
		t.Errorf("docker gets %q, want %q and ./web", got, want)
	}
}

func TestArgsFromTheEnvironment(t *testing.T) {
	got := argsFrom([]string{"GO_IMAGE=host", "GOPROXY=", "GOSUMDB=off", "HOME=/"})
	if want := []string{"GO_IMAGE", "GOSUMDB"}; !slices.Equal(got, want) {
		t.Errorf("args = %q, want %q", got, want)
	}
}
