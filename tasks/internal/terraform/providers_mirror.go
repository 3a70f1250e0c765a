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
	for _, host := range folders(abs) {
		if !strings.Contains(host, ".") {
			continue // not a mirror's: looking below would be looking through the whole disk
		}
		for _, namespace := range folders(abs, host) {
			for _, name := range folders(abs, host, namespace) {
				if holdsPlatform(filepath.Join(abs, host, namespace, name), name) {
					m.Providers = append(m.Providers, host+"/"+namespace+"/"+name)
				}
			}
		}
	}
	if len(m.Providers) == 0 {
		return Mirror{}, fmt.Errorf("opening provider mirror %q: it holds no provider for %[2]s: "+
			"want HOST/NAMESPACE/NAME/VERSION/%[2]s below it", dir, hostPlatform())
	}
	return m, nil
}

// MirrorsBelow finds the mirrors of the registry among the folders of root, one level down, in the order of their
// names.
func MirrorsBelow(root string) []Mirror {
	var found []Mirror
	for _, name := range folders(root) {
		if _, err := os.Stat(filepath.Join(root, name, registry)); err != nil {
			continue
		}
		if m, err := OpenMirror(filepath.Join(root, name)); err == nil {
			found = append(found, m)
		}
	}
	return found
}

// Holds tells whether the mirror has a provider.
func (m Mirror) Holds(provider string) bool { return slices.Contains(m.Providers, provider) }

// holdsPlatform looks for VERSION/OS_ARCH folders and for terraform-provider-NAME_VERSION_OS_ARCH.zip files.
func holdsPlatform(dir, name string) bool {
	unpacked, _ := filepath.Glob(filepath.Join(escape(dir), "*", hostPlatform()))
	packed, _ := filepath.Glob(filepath.Join(escape(dir), "terraform-provider-"+escape(name)+"_*_"+hostPlatform()+".zip"))
	return len(unpacked)+len(packed) > 0
}

// escape keeps a folder's name from being a pattern. Windows has no escaping, nor such names.
func escape(path string) string {
	if runtime.GOOS == "windows" {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func hostPlatform() string { return runtime.GOOS + "_" + runtime.GOARCH }

// folders are the names of the folders, links to folders included, below a path; none if it cannot be read.
func folders(path ...string) []string {
	dir := filepath.Join(path...)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}
