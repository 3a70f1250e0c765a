package image

import (
	"maps"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// buildArgs is docker's command line that builds app. The image goes to dest: a tag, for a fleet a file.
func (e engine) buildArgs(s Source, app string, p v1.Platform, dest string) []string {
	args := []string{"build", "--progress=plain", "--tag=" + dest, "--platform=" + p.String()}
	switch e.builder {
	case classic:
		args = []string{
			"build", "--force-rm", "--tag=" + dest, "--build-arg=TARGETOS=" + p.OS,
			"--build-arg=TARGETARCH=" + p.Architecture,
		}
	case fleet:
		args = []string{
			"buildx", "build", "--progress=plain", "--output=type=docker,dest=" + dest, "--platform=" + p.String(),
		}
	}
	args = append(args, "--file="+dockerfile(app), "--build-arg=VERSION="+s.Revision.Version())
	t := targets[p.Architecture]
	if level, ok := t.variants[p.Variant]; ok && level != t.level { // one that the go command would not pick by itself
		args = append(args, "--build-arg="+t.variable+"="+level)
	}
	for _, name := range e.args {
		args = append(args, "--build-arg="+name)
	}
	labels := s.annotations(app)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		args = append(args, "--label="+name+"="+labels[name])
	}
	return append(args, ".")
}
