package localaws

import (
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// What image scans find: see [Options].Findings and [LoadFindings].
type (
	Findings   = catalog.Findings
	ScanResult = catalog.ScanResult
	Finding    = catalog.Finding
)

// LoadFindings reads what image scans find from a JSON file:
//
//	{
//	  "team/app": {
//	    "v1": {
//	      "findings": [
//	        {"name": "CVE-2026-12345", "severity": "HIGH", "package": "openssl", "version": "3.0.1", "fixedIn": "3.0.2",
//	         "uri": "https://security.example/CVE-2026-12345", "description": "What can happen."}
//	      ]
//	    },
//	    "sha256:…": {"status": "FAILED", "description": "Out of memory."},
//	    "*": {"takes": "3s"}
//	  }
//	}
//
// It is a [Findings]: repositories by name, in each its images by tag or digest, "*" for all the others. Of a result
// every field may be left out, of a finding all but name and severity. Everything that is wrong is told at once, each
// with its line.
func LoadFindings(path string) (Findings, error) {
	file, root, err := readJSON(path)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	out := Findings{}
	for _, repository := range file.members(root, "the file") {
		images := map[string]ScanResult{}
		for _, image := range file.members(repository.node, repository.name) {
			where := repository.name + "." + image.name
			if err := catalog.CheckSeedKey(repository.name, image.name); err != nil {
				file.wrong(image.node, where, "%v", err)
			}
			images[image.name] = file.scanResult(image.node, where)
		}
		out[repository.name] = images
	}
	if err := file.err(); err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return out, nil
}

func (f *jsonFile) scanResult(n node, where string) (out ScanResult) {
	before := len(f.errs)
	f.fields(n, where, map[string]func(node, string){
		"status":      textField(f, &out.Status),
		"description": textField(f, &out.Description),
		"takes":       durationField(f, &out.Takes),
		"findings": func(n node, where string) {
			f.list(n, where, func(n node, where string) { out.Findings = append(out.Findings, f.finding(n, where)) })
		},
	})
	if err := out.Check(); err != nil && len(f.errs) == before {
		f.wrong(n, where, "%v", err)
	}
	return out
}

func (f *jsonFile) finding(n node, where string) (out Finding) {
	before := len(f.errs)
	f.fields(n, where, map[string]func(node, string){
		"name": textField(f, &out.Name), "severity": textField(f, &out.Severity),
		"description": textField(f, &out.Description), "uri": textField(f, &out.URI),
		"package": textField(f, &out.Package), "version": textField(f, &out.Version), "fixedIn": textField(f, &out.FixedIn),
	})
	if len(f.errs) > before {
		return out
	}
	if out.Name == "" {
		f.wrong(n.member("name"), where+".name", "want a name such as CVE-2026-12345")
	}
	if !slices.Contains(catalog.Severities, out.Severity) {
		f.wrong(n.member("severity"), where+".severity", "is %q, want one of %s", out.Severity,
			strings.Join(catalog.Severities, ", "))
	}
	return out
}
