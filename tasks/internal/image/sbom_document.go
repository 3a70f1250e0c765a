package image

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
)

// bom is a CycloneDX 1.6 document, with the parts of it that Go programs can fill
// (https://cyclonedx.org/docs/1.6/json/; the schema takes no other fields).
type bom struct {
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	SerialNumber string       `json:"serialNumber,omitempty"` // urn:uuid:…
	Version      int          `json:"version"`
	Metadata     bomMetadata  `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type bomMetadata struct {
	Timestamp  string                 `json:"timestamp,omitempty"` // RFC 3339
	Lifecycles []map[string]string    `json:"lifecycles"`
	Tools      map[string][]component `json:"tools"`
	Component  component              `json:"component"`
}

type component struct {
	Type       string     `json:"type"` // container, application or library
	Ref        string     `json:"bom-ref,omitempty"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	Hashes     []bomHash  `json:"hashes,omitempty"`
	PURL       string     `json:"purl,omitempty"` // https://github.com/package-url/purl-spec
	Pedigree   *pedigree  `json:"pedigree,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type bomHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"` // in hexadecimal digits
}

type pedigree struct {
	Ancestors []component `json:"ancestors"`
	Notes     string      `json:"notes,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

func newBOM(of component, timestamp string) bom {
	return bom{
		Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: bomMetadata{
			Timestamp:  timestamp,
			Lifecycles: []map[string]string{{"phase": "post-build"}},
			Tools:      map[string][]component{"components": {{Type: "application", Name: userAgent}}},
			Component:  of,
		},
	}
}

// encode writes the document. Its serial number is a hash of the rest.
func (d bom) encode() ([]byte, error) {
	content, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	d.SerialNumber = "urn:uuid:" + uuid(content)
	return json.Marshal(d)
}

// uuid is a UUID of version 8 made of content by SHA-256 (RFC 9562, section 5.8 and appendix B.2).
func uuid(content []byte) string {
	u := sha256.Sum256(content)
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// libraries are the modules of a program and the standard library, stdlib in https://go.dev/doc/security/vuln/database.
func (p Program) libraries() []component {
	all := []component{standardLibrary(p.info.GoVersion)}
	for _, m := range p.info.Deps {
		all = append(all, moduleComponent(*m))
	}
	return all
}

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
		used.Properties = []property{{"go:sum", sum}} // go.sum's hash of a list of files is no hash of a file
	}
	return used
}

func moduleVersion(m debug.Module) string {
	if m.Version == "(devel)" {
		return ""
	}
	return m.Version
}

// goPURL: https://github.com/package-url/purl-spec wants lower case, and everything but a colon escaped.
func goPURL(path, version string) string {
	purl := "pkg:golang/" + strings.ToLower(path)
	if version != "" {
		purl += "@" + strings.ReplaceAll(url.QueryEscape(version), "%3A", ":")
	}
	return purl
}
