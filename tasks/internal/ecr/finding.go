package ecr

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Finding is one vulnerability of one image, whichever scanner found it.
type Finding struct {
	Name        string    `json:"name"` // CVE-2026-12345
	Severity    Severity  `json:"severity"`
	Packages    []Package `json:"packages"` // never nil
	Description string    `json:"description,omitempty"`
	URI         string    `json:"uri,omitempty"`
	// Fix is YES, NO or PARTIAL, and Exploit YES or NO; only enhanced scans tell.
	Fix     string `json:"fixAvailable,omitempty"`
	Exploit string `json:"exploitAvailable,omitempty"`
}

// Package is what a finding is about.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"` // that is installed
	FixedIn string `json:"fixedIn,omitempty"` // only enhanced scans tell
}

func basicFinding(f types.ImageScanFinding) Finding {
	out := Finding{
		Name: aws.ToString(f.Name), Severity: severityOf(string(f.Severity)), Packages: []Package{},
		Description: aws.ToString(f.Description), URI: aws.ToString(f.Uri),
	}
	attributes := map[string]string{}
	for _, one := range f.Attributes {
		attributes[aws.ToString(one.Key)] = aws.ToString(one.Value)
	}
	if name := attributes["package_name"]; name != "" {
		out.Packages = append(out.Packages, Package{Name: name, Version: attributes["package_version"]})
	}
	return out
}

func enhancedFinding(f types.EnhancedImageScanFinding) Finding {
	out := Finding{
		Name: aws.ToString(f.Title), Severity: severityOf(aws.ToString(f.Severity)), Packages: []Package{},
		Description: aws.ToString(f.Description), Fix: aws.ToString(f.FixAvailable), Exploit: aws.ToString(
			f.ExploitAvailable),
	}
	details := f.PackageVulnerabilityDetails
	if details == nil {
		return out
	}
	out.Name = cmp.Or(aws.ToString(details.VulnerabilityId), out.Name)
	out.URI = aws.ToString(details.SourceUrl)
	for _, p := range details.VulnerablePackages {
		out.Packages = append(out.Packages, Package{aws.ToString(p.Name), aws.ToString(p.Version), fixedIn(p)})
	}
	return out
}

// fixedIn is the version that fixes a package. Inspector has a word for none.
func fixedIn(p types.VulnerablePackage) string {
	version := aws.ToString(p.FixedInVersion)
	if version == "NotAvailable" {
		return ""
	}
	return version
}

// Worse orders findings, the worst first, then by name.
func Worse(a, b Finding) int {
	return cmp.Or(cmp.Compare(slices.Index(Severities, a.Severity), slices.Index(Severities, b.Severity)),
		cmp.Compare(a.Name, b.Name))
}
