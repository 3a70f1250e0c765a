package image

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

var defaultPlatforms = []v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}

// target is how the go command is told about one architecture.
type target struct {
	variable string            // the GO… variable that picks the level; empty where there is none
	level    string            // its value without a variant: the oldest hardware, as the go command's own default
	variants map[string]string // OCI variant to the variable's value
	implied  string            // the variant that may be left away; images carry none (containerd's Normalize)
	assumed  string            // the variant that an image carries when none is asked
}

// targets are the linux lines of `go tool dist list`, with the variants of the OCI image specification.
var targets = map[string]target{
	"386": {variable: "GO386", level: "sse2"},
	"amd64": {
		variable: "GOAMD64", level: "v1", implied: "v1",
		variants: map[string]string{"v1": "v1", "v2": "v2", "v3": "v3", "v4": "v4"},
	},
	"arm": {
		variable: "GOARM", level: "7", assumed: "v7",
		variants: map[string]string{"v5": "5", "v6": "6", "v7": "7"},
	},
	"arm64":    {variable: "GOARM64", level: "v8.0", implied: "v8", variants: map[string]string{"v8": "v8.0"}},
	"loong64":  {},
	"mips":     {variable: "GOMIPS", level: "hardfloat"},
	"mipsle":   {variable: "GOMIPS", level: "hardfloat"},
	"mips64":   {variable: "GOMIPS64", level: "hardfloat"},
	"mips64le": {variable: "GOMIPS64", level: "hardfloat"},
	"ppc64":    {variable: "GOPPC64", level: "power8"},
	"ppc64le":  {variable: "GOPPC64", level: "power8"},
	"riscv64":  {variable: "GORISCV64", level: "rva20u64"},
	"s390x":    {},
}

// ParsePlatforms reads a comma list of os/arch[/variant]. An empty list is the default.
func ParsePlatforms(list string) ([]v1.Platform, error) {
	if strings.TrimSpace(list) == "" {
		return slices.Clone(defaultPlatforms), nil
	}
	var asked []v1.Platform
	var faults []error
	for word := range strings.SplitSeq(list, ",") {
		p, err := splitPlatform(strings.TrimSpace(word))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		asked = append(asked, p)
	}
	platforms, err := checkPlatforms(asked)
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, fmt.Errorf("reading platforms %q: %w", list, err)
	}
	return platforms, nil
}

func splitPlatform(word string) (v1.Platform, error) {
	parts := append(strings.Split(word, "/"), "")
	if len(parts) < 3 || len(parts) > 4 || slices.Contains(parts[:len(parts)-1], "") {
		return v1.Platform{}, fmt.Errorf("platform %q is not os/arch or os/arch/variant, as linux/arm64", word)
	}
	return v1.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}, nil
}

func checkPlatforms(asked []v1.Platform) ([]v1.Platform, error) {
	if len(asked) == 0 {
		return slices.Clone(defaultPlatforms), nil
	}
	var platforms []v1.Platform
	var faults []error
	for _, p := range asked {
		p, err := normalize(p)
		switch {
		case err != nil:
			faults = append(faults, err)
		case slices.ContainsFunc(platforms, p.Equals):
			faults = append(faults, fmt.Errorf("platform %q is named twice", p))
		default:
			platforms = append(platforms, p)
		}
	}
	return platforms, errors.Join(faults...)
}

// normalize gives each platform one spelling, so that linux/arm64 and linux/arm64/v8 are one image, not two.
func normalize(p v1.Platform) (v1.Platform, error) {
	t, known := targets[p.Architecture]
	if p.OS != "linux" || !known {
		return p, fmt.Errorf("platform %q is none that Go builds a linux image for: want linux/ and one of %s", p,
			strings.Join(slices.Sorted(maps.Keys(targets)), ", "))
	}
	if p.Variant == "" {
		p.Variant = t.assumed
	} else if _, known := t.variants[p.Variant]; !known {
		return p, fmt.Errorf("platform %q has an unknown variant: %s", p, wantVariant(t))
	}
	if p.Variant == t.implied {
		p.Variant = ""
	}
	return p, nil
}

func wantVariant(t target) string {
	if len(t.variants) == 0 {
		return "this architecture has none"
	}
	return "want one of " + strings.Join(slices.Sorted(maps.Keys(t.variants)), ", ")
}

// platformEnv tells the go command to compile for p. Left unset, GOAMD64 or GOARM64 would be the user's.
func platformEnv(p v1.Platform) []string {
	env := []string{"GOOS=" + p.OS, "GOARCH=" + p.Architecture}
	t := targets[p.Architecture]
	if t.variable == "" {
		return env
	}
	level := t.level
	if l, ok := t.variants[p.Variant]; ok {
		level = l
	}
	return append(env, t.variable+"="+level)
}
