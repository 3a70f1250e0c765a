package ecr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	Fix         string    `json:"fixAvailable,omitempty"`     // YES, NO or PARTIAL; only enhanced scans tell
	Exploit     string    `json:"exploitAvailable,omitempty"` // YES or NO
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
		Description: aws.ToString(f.Description),
		Fix:         aws.ToString(f.FixAvailable), Exploit: aws.ToString(f.ExploitAvailable),
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

// Severity is how bad a finding is, in lower case.
type Severity string

// Severities has the worst first. Undefined is not rated: UNDEFINED in a basic scan, UNTRIAGED in an enhanced one.
var Severities = []Severity{"critical", "high", "medium", "low", "informational", undefined}

const undefined Severity = "undefined"

func severityOf(word string) Severity {
	for _, severity := range Severities {
		if strings.EqualFold(word, string(severity)) {
			return severity
		}
	}
	return undefined
}

// Threshold is the severity from which on a finding counts, as a person writes it. Undefined is no threshold.
func Threshold(word string) (Severity, error) {
	rated := Severities[:len(Severities)-1]
	var words []string
	for _, severity := range rated {
		if strings.EqualFold(word, string(severity)) {
			return severity, nil
		}
		words = append(words, string(severity))
	}
	return "", fmt.Errorf("%q is no severity: want %s", word, strings.Join(words, ", "))
}

// Counts are numbers of findings by severity.
type Counts map[Severity]int

// From adds up what is as bad as a threshold or worse. The lowest threshold takes unrated findings too.
func (c Counts) From(threshold Severity) int {
	sum := 0
	for _, severity := range Severities {
		sum += c[severity]
		if severity == threshold && threshold != "informational" {
			return sum
		}
	}
	return sum
}

// String is for people: 1 critical, 2 high; empty for none.
func (c Counts) String() string {
	var parts []string
	for _, severity := range Severities {
		if n := c[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(parts, ", ")
}
