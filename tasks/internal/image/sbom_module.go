package image

import (
	"net/url"
	"runtime/debug"
	"strings"
)

// libraries are the modules that a program was linked of, and the standard library, which the Go vulnerability database
// calls stdlib (https://go.dev/doc/security/vuln/database).
func (p Program) libraries() []component {
	all := []component{standardLibrary(p.info.GoVersion)}
	for _, m := range p.info.Deps {
		all = append(all, moduleComponent(*m))
	}
	return all
}

// standardLibrary is that of a Go release, such as go1.26.8; what stands behind a release's name are experiments.
func standardLibrary(release string) component {
	if name, _, _ := strings.Cut(release, " "); strings.HasPrefix(name, "go") {
		release = strings.TrimPrefix(name, "go")
	}
	return component{
		Type: "library", Ref: "stdlib@" + release, Name: "stdlib", Version: release,
		PURL: goPURL("stdlib", release),
	}
}

// moduleComponent is a module as it was compiled. One that go.mod replaces is its replacement, derived from the module
// it stands for; a replacement from a folder has neither version nor sum.
func moduleComponent(m debug.Module) component {
	asked := component{Type: "library", Name: m.Path, Version: moduleVersion(m), PURL: goPURL(m.Path, moduleVersion(m))}
	used, sum := asked, m.Sum
	if r := m.Replace; r != nil {
		used.Pedigree, sum = &pedigree{Ancestors: []component{asked}}, r.Sum
		if r.Version == "" {
			used.Version, used.PURL, used.Pedigree.Notes = "", goPURL(m.Path, ""), "replaced by a folder"
		} else {
			used.Name, used.Version, used.PURL = r.Path, r.Version, goPURL(r.Path, r.Version)
		}
	}
	used.Ref = m.Path + "@" + m.Version // what go.mod asks for is there once; a replacement may be asked for, too
	if sum != "" {
		// A hash of the module's list of files, as go.sum has it: that is the hash of no file, so it is not one of the
		// hashes.
		used.Properties = []property{{"go:sum", sum}}
	}
	return used
}

// moduleVersion is the module's, empty for one of the same workspace.
func moduleVersion(m debug.Module) string {
	if m.Version == "(devel)" {
		return ""
	}
	return m.Version
}

// goPURL is the package URL of a module. Its path is in lower case, and everything but a colon is escaped
// (https://github.com/package-url/purl-spec).
func goPURL(path, version string) string {
	purl := "pkg:golang/" + strings.ToLower(path)
	if version != "" {
		purl += "@" + strings.ReplaceAll(url.QueryEscape(version), "%3A", ":")
	}
	return purl
}
