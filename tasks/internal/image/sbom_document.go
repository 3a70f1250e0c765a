package image

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
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
	Timestamp  string      `json:"timestamp,omitempty"` // RFC 3339
	Lifecycles []lifecycle `json:"lifecycles"`
	Tools      bomTools    `json:"tools"`
	Component  component   `json:"component"`
}

type lifecycle struct {
	Phase string `json:"phase"`
}

type bomTools struct {
	Components []component `json:"components"`
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

// pedigree is what a component was derived from.
type pedigree struct {
	Ancestors []component `json:"ancestors"`
	Notes     string      `json:"notes,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// dependency is what a component needs directly, both by their bom-ref, each once.
type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

// newBOM is a document without parts. That it was made of the programs, and not of their sources, is its phase.
func newBOM(of component, timestamp string) bom {
	return bom{
		Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: bomMetadata{
			Timestamp:  timestamp,
			Lifecycles: []lifecycle{{Phase: "post-build"}},
			Tools:      bomTools{[]component{{Type: "application", Name: userAgent}}},
			Component:  of,
		},
	}
}

// encode writes the document. Its serial number is a hash of the rest, so that another document has another and the
// same has the same.
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
