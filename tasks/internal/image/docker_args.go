package image

import (
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// buildArgs is the command line, of docker or of its plugin, that builds app. The image goes to dest: a tag, for a
// fleet a folder.
func (e engine) buildArgs(s Source, app string, platforms []v1.Platform, dest string) []string {
	var args []string
	switch e.builder {
	case classic:
		p := platforms[0]
		args = []string{
			"build", "--force-rm", "--tag=" + dest, "--build-arg=TARGETOS=" + p.OS,
			"--build-arg=TARGETARCH=" + p.Architecture,
		}
	case buildKit:
		args = []string{"build", "--progress=plain", "--tag=" + dest, "--platform=" + joined(platforms)}
	case buildx:
		args = []string{"build", "--progress=plain", "--load", "--tag=" + dest, "--platform=" + joined(platforms)}
	case fleet:
		args = []string{
			"build", "--progress=plain", "--output=type=oci,tar=false,dest=" + dest,
			"--platform=" + joined(platforms),
		}
	}
	args = append(args, "--file="+dockerfile(app), "--build-arg=VERSION="+s.Revision.Version())
	for _, p := range platforms {
		args = append(args, levelArg(p)...)
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

// levelArg is the build argument for an instruction set level that the go command would not pick by itself.
func levelArg(p v1.Platform) []string {
	t := targets[p.Architecture]
	if level, ok := t.variants[p.Variant]; ok && level != t.level {
		return []string{"--build-arg=" + t.variable + "=" + level}
	}
	return nil
}

func joined(platforms []v1.Platform) string {
	names := make([]string, len(platforms))
	for i, p := range platforms {
		names[i] = p.String()
	}
	return strings.Join(names, ",")
}
