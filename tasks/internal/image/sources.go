package image

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// goPackage is a package as `go list -json` has it.
type goPackage struct {
	Dir, Name     string
	Standard      bool
	Module        *goModule
	EmbedPatterns []string

	GoFiles, HFiles, SFiles, SysoFiles, EmbedFiles []string // all that is compiled or linked without cgo
}

type goModule struct {
	Version, GoMod string
	Replace        *goModule
}

// compiled are the files that go into the apps' binaries on any of the platforms, and those that decide how.
//
// The toolchain and the module cache are left out. The go command verifies what it downloads into the cache by go.sum
// and unpacks it read-only. With -mod=readonly it takes no version that go.mod and go.sum do not name, and these two are
// compared.
func (s Source) compiled(ctx context.Context) (inputs, error) {
	found := make([][]goPackage, len(s.Platforms))
	group, listing := errgroup.WithContext(ctx)
	group.SetLimit(buildJobs)
	for i, p := range s.Platforms {
		group.Go(func() (err error) {
			found[i], err = s.asked.list(listing, s.Revision.tree.dir(), s.Apps, p)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return inputs{}, fmt.Errorf("listing the files of %s: %w", quoted(s.Apps), err)
	}
	in := newGoSources(s)
	for _, pkg := range slices.Concat(found...) {
		if !pkg.Standard && pkg.Dir != "" && (s.vendored() || !pkg.Module.cached()) {
			in.add(pkg)
		}
	}
	return inputs{in.files, in.takes}, nil
}

// list asks the go command for the packages of the apps. What is wrong with them is the compiler's to say.
func (c compiler) list(ctx context.Context, dir string, apps []string, p v1.Platform) ([]goPackage, error) {
	args := []string{
		"list", "-e", "-deps",
		"-json=Dir,Name,Standard,Module,EmbedPatterns,GoFiles,HFiles,SFiles,SysoFiles,EmbedFiles",
	}
	for _, app := range apps {
		args = append(args, "./"+appsDir+"/"+app)
	}
	// The go command takes PWD for its folder, and this process's may be a link.
	env := append(slices.Concat(c.env, platformEnv(p)), "PWD="+dir)
	var stdout bytes.Buffer
	words := newGoOutput(c.log)
	cmd := interruptible(ctx, c.goCommand, dir, env, args...)
	cmd.Stdout, cmd.Stderr = &stdout, words
	err := cmd.Run()
	words.Flush()
	if err != nil {
		return nil, withWords(ctx, err, words.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(&stdout); ; {
		var pkg goPackage
		switch err := decoder.Decode(&pkg); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, err
		}
		packages = append(packages, pkg)
	}
}

// cached is whether a module comes from the module cache, and not from this checkout or from a folder.
func (m *goModule) cached() bool {
	for m != nil && m.Replace != nil {
		m = m.Replace
	}
	return m != nil && m.Version != ""
}

// vendored is whether the commit holds a vendor folder. Another one is not used.
func (s Source) vendored() bool {
	return s.Revision.tree != nil && s.Revision.tree.holds("vendor/modules.txt")
}

// goSources gathers the files of packages.
type goSources struct {
	tree    *tree
	files   map[string]bool
	named   map[string]bool // files of the commit that no package has
	folders map[string]bool // of packages; true for those that embed files
}

func newGoSources(s Source) *goSources {
	in := &goSources{tree: s.Revision.tree, files: map[string]bool{}, named: map[string]bool{}, folders: map[string]bool{}}
	names := []string{"go.mod", "go.sum"}
	for _, app := range s.Apps {
		names = append(names, dockerfile(app)) // it says which ports the image exposes
	}
	if s.vendored() {
		names = append(names, "vendor/modules.txt")
	}
	for _, name := range names {
		in.named[path.Join(in.tree.root, name)] = true // it is judged where the commit or this folder has it
		in.files[path.Join(in.tree.root, name)] = isThere(filepath.Join(s.Root, name))
	}
	return in
}

func (in *goSources) add(pkg goPackage) {
	folder := in.name(pkg.Dir)
	in.folders[folder] = in.folders[folder] || len(pkg.EmbedPatterns) > 0
	for _, file := range slices.Concat(pkg.GoFiles, pkg.HFiles, pkg.SFiles, pkg.SysoFiles, pkg.EmbedFiles) {
		in.files[path.Join(folder, file)] = true
	}
	if pkg.Name == "main" { // a profile by which the program is optimized
		in.files[path.Join(folder, "default.pgo")] = isThere(filepath.Join(pkg.Dir, "default.pgo"))
	}
	if pkg.Module != nil && pkg.Module.GoMod != "" && !pkg.Module.cached() {
		in.files[in.name(pkg.Module.GoMod)] = true // it names the version of the language
	}
}

// name is a file's path from the top of the checkout; that of one elsewhere begins with dots.
func (in *goSources) name(file string) string {
	name, err := filepath.Rel(in.tree.top, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(name)
}

// takes is whether the go command looks at a file of the commit when it decides what to compile.
func (in *goSources) takes(name string) bool {
	if in.named[name] {
		return true
	}
	if strings.HasSuffix(name, "_test.go") {
		return false
	}
	folder := path.Dir(name)
	if _, known := in.folders[folder]; known && slices.Contains(compiledEnds, path.Ext(name)) {
		return true
	}
	for ; !in.folders[folder] && folder != "."; folder = path.Dir(folder) {
	}
	return in.folders[folder]
}

// compiledEnds are the ends of the names of files that the go command looks at without cgo.
var compiledEnds = []string{".go", ".s", ".S", ".h", ".hh", ".hpp", ".hxx", ".syso", ".pgo"}
