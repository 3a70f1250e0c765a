package image

import (
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
		builder   builder
		platforms []v1.Platform
		want      []string
	}{
		{classic, []v1.Platform{arm64}, append([]string{
			"build", "--force-rm", "--tag=dest", "--build-arg=TARGETOS=linux", "--build-arg=TARGETARCH=arm64",
		}, tail...)},
		{buildKit, []v1.Platform{arm64}, append([]string{
			"build", "--progress=plain", "--tag=dest", "--platform=linux/arm64",
		}, tail...)},
		{buildx, []v1.Platform{amd64V3}, append([]string{
			"build", "--progress=plain", "--load", "--tag=dest", "--platform=linux/amd64/v3",
		},
			slices.Insert(slices.Clone(tail), 2, "--build-arg=GOAMD64=v3")...)},
		{fleet, []v1.Platform{amd64, armV6}, append([]string{
			"build", "--progress=plain", "--output=type=oci,tar=false,dest=dest", "--platform=linux/amd64,linux/arm/v6",
		},
			slices.Insert(slices.Clone(tail), 2, "--build-arg=GOARM=6")...)},
	}
	for _, test := range tests {
		e := engine{builder: test.builder, args: []string{"GO_IMAGE"}}
		if got := e.buildArgs(Source{Revision: revision}, "app", test.platforms, "dest"); !slices.Equal(got, test.want) {
			t.Errorf("with %s:\ngot  %q\nwant %q", test.builder, got, test.want)
		}
	}
}

func TestArgsFromTheEnvironment(t *testing.T) {
	got := argsFrom([]string{"GO_IMAGE=host", "GOPROXY=", "GOSUMDB=off", "HOME=/"})
	if want := []string{"GO_IMAGE", "GOSUMDB"}; !slices.Equal(got, want) {
		t.Errorf("args = %q, want %q", got, want)
	}
}
