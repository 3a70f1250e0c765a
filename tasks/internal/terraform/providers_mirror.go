package terraform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// registry is the host that a provider without one in its name comes from.
const registry = "registry.terraform.io"

// Mirror is a folder of providers in the layout of a filesystem mirror, packed or unpacked.
type Mirror struct {
	Dir       string
	Providers []string // those it holds for this platform, such as registry.terraform.io/hashicorp/aws
}

// OpenMirror reads what a folder holds. One with no provider for this platform is an error.
func OpenMirror(dir string) (Mirror, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Mirror{}, fmt.Errorf("opening provider mirror %q: %w", dir, err)
	}
	if _, err := os.ReadDir(abs); err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err // it names the folder once more
		}
		return Mirror{}, fmt.Errorf("opening provider mirror %q: %w", dir, err)
	}
	m := Mirror{Dir: abs}
	// a host has a dot in its name: other folders are not looked through, nor what is below them on the disk
	unpacked, _ := filepath.Glob(filepath.Join(escape(abs), "*.*", "*", "*", "*", hostPlatform()))
	packed, _ := filepath.Glob(filepath.Join(escape(abs), "*.*", "*", "*",
		"terraform-provider-*_*_"+hostPlatform()+".zip"))
	for _, path := range append(unpacked, packed...) {
		below, _ := filepath.Rel(abs, path)
		words := strings.Split(filepath.ToSlash(below), "/")
		m.Providers = append(m.Providers, strings.Join(words[:3], "/"))
	}
	slices.Sort(m.Providers)
	m.Providers = slices.Compact(m.Providers)
	if len(m.Providers) == 0 {
		return Mirror{}, fmt.Errorf("opening provider mirror %q: it holds no provider for %[2]s: "+
			"want HOST/NAMESPACE/NAME/VERSION/%[2]s below it", dir, hostPlatform())
	}
	return m, nil
}

// MirrorsBelow finds the mirrors of the registry among the folders of root, one level down.
func MirrorsBelow(root string) []Mirror {
	var found []Mirror
	hosts, _ := filepath.Glob(filepath.Join(escape(root), "*", registry))
	for _, host := range hosts {
		if m, err := OpenMirror(filepath.Dir(host)); err == nil {
			found = append(found, m)
		}
	}
	return found
}

// Holds tells whether the mirror has a provider.
func (m Mirror) Holds(provider string) bool { return slices.Contains(m.Providers, provider) }

// escape keeps a folder's name from being a pattern. Windows has no escaping, nor such names.
func escape(path string) string {
	if runtime.GOOS == "windows" {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func hostPlatform() string { return runtime.GOOS + "_" + runtime.GOARCH }
