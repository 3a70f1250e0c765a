package image

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

type goPackage struct {
	Dir           string
	Standard      bool
	Module        *goModule
	EmbedPatterns []string

	GoFiles, HFiles, SFiles, SysoFiles, EmbedFiles []string // all that is compiled or linked without cgo
}

type goModule struct {
	Version, GoMod string
	Replace        *goModule
}

// compiled are the files that go into the apps' binaries on any of the platforms, and those that decide how. The
// toolchain and the module cache are left out: the go command verifies them, and go.mod and go.sum are compared.
func (s Source) compiled(ctx context.Context) (inputs, error) {
	found := make([][]goPackage, len(s.Platforms))
	group, listing := errgroup.WithContext(ctx)
	group.SetLimit(buildJobs)
	for i, p := range s.Platforms {
		group.Go(func() (err error) {
			found[i], err = s.asked.list(listing, filepath.Join(s.Revision.tree.top, s.Revision.tree.root), s.Apps, p)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("listing the files of %s: %w", quoted(s.Apps), err)
	}
	t, in := s.Revision.tree, inputs{}
	names := []string{"go.mod", "go.sum"}
	for _, app := range s.Apps {
		names = append(names, dockerfile(app)) // it says which ports the image exposes
	}
	if s.vendored() {
		names = append(names, "vendor/modules.txt")
	}
	for _, name := range names {
		in.add(t, path.Join(t.root, name))
	}
	folders := map[string]bool{}
	for _, pkg := range slices.Concat(found...) {
		if !pkg.Standard && pkg.Dir != "" && (s.vendored() || !pkg.Module.cached()) {
			folder := t.name(pkg.Dir)
			folders[folder] = folders[folder] || len(pkg.EmbedPatterns) > 0
			in.addPackage(t, pkg)
		}
	}
	for name := range t.files {
		if takes(folders, name) {
			in[name] = true
		}
	}
	return in, nil
}

// list asks the go command for the packages of the apps. The compiler tells what is wrong with them.
func (c compiler) list(ctx context.Context, dir string, apps []string, p v1.Platform) ([]goPackage, error) {
	c.root = dir
	// The go command takes PWD for its folder, and this process's may be a link.
	env := append(slices.Concat(c.env, platformEnv(p)), "PWD="+dir)
	stdout, _, err := c.run(ctx, env, append([]string{
		"list", "-e", "-deps", "-json=Dir,Standard,Module,EmbedPatterns,GoFiles,HFiles,SFiles,SysoFiles,EmbedFiles",
	}, packagesOf(apps)...)...)
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(stdout)); decoder.More(); {
		var pkg goPackage
		if err := decoder.Decode(&pkg); err != nil {
			return nil, err
		}
		packages = append(packages, pkg)
	}
	return packages, nil
}

func (m *goModule) cached() bool {
	for m != nil && m.Replace != nil {
		m = m.Replace
	}
	return m != nil && m.Version != ""
}

func (s Source) vendored() bool {
	return s.Revision.tree != nil && s.Revision.tree.holds("vendor/modules.txt")
}

func (in inputs) add(t *tree, name string) {
	if _, held := t.files[name]; held || isThere(filepath.Join(t.top, name)) {
		in[name] = true
	}
}

func (in inputs) addPackage(t *tree, pkg goPackage) {
	folder := t.name(pkg.Dir)
	for _, file := range slices.Concat(pkg.GoFiles, pkg.HFiles, pkg.SFiles, pkg.SysoFiles, pkg.EmbedFiles) {
		in[path.Join(folder, file)] = true
	}
	in.add(t, path.Join(folder, "default.pgo")) // a profile by which a program is optimized
	if pkg.Module != nil && pkg.Module.GoMod != "" {
		in[t.name(pkg.Module.GoMod)] = true // it names the version of the language
	}
}

// takes is whether the go command looks at a file for packages in these folders; true are those that embed.
func takes(folders map[string]bool, name string) bool {
	if strings.HasSuffix(name, "_test.go") {
		return false
	}
	folder := path.Dir(name)
	if _, known := folders[folder]; known && slices.Contains(compiledEnds, path.Ext(name)) {
		return true
	}
	for ; !folders[folder] && folder != "."; folder = path.Dir(folder) {
	}
	return folders[folder]
}

// compiledEnds are the ends of the names of files that the go command looks at without cgo.
var compiledEnds = []string{".go", ".s", ".S", ".h", ".hh", ".hpp", ".hxx", ".syso", ".pgo"}
