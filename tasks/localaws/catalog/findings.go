package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Findings are what scans find. Nothing finds anything here: whoever starts the local AWS says what is found, by
// repository, then by an image's digest or tag. "*" stands for every repository, and for every image. The nearest one
// wins: the repository's name before "*", and there digest, then tag, then "*". A tag on an index counts for the
// images in it, because those are what is scanned.
type Findings map[string]map[string]ScanResult

// ScanResult is how a scan ends.
type ScanResult struct {
	Status      string        // a ScanStatus; "" is COMPLETE, or with enhanced continuous scanning ACTIVE
	Description string        // of the status; "" for ECR's own
	Takes       time.Duration // how long the scan is under way first
	Findings    []Finding
}

// Finding is one vulnerability. Only its name and severity are required.
type Finding struct {
	Name        string // "CVE-2026-12345"
	Severity    string // INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL or UNDEFINED
	Description string
	URI         string
	Package     string
	Version     string // of the package that is installed
	FixedIn     string // the version without it; only enhanced scanning tells
}

// Severities of a finding, the worst first.
var Severities = []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"}

// Statuses of a scan (botocore ecr/2015-09-21, ScanStatus) with what is said about each. COMPLETE and ACTIVE are in the
// words of aws/aws-sdk #289 and aws-cli #6759, UNSUPPORTED_IMAGE in those of containers-roadmap #2644; the others are this package's.
var scanStatuses = map[string]string{
	"IN_PROGRESS":              "",
	"COMPLETE":                 "The scan was completed successfully.",
	"FAILED":                   "The scan failed.",
	"UNSUPPORTED_IMAGE":        "UnsupportedImageError: The operating system and/or package manager are not supported.",
	"ACTIVE":                   "Continuous scan is selected for image.",
	"PENDING":                  "The scan is pending.",
	"SCAN_ELIGIBILITY_EXPIRED": "The image is no longer eligible for scanning.",
	"FINDINGS_UNAVAILABLE":     "The findings are not available.",
	"LIMIT_EXCEEDED":           "The scan limit has been exceeded.",
	"IMAGE_ARCHIVED":           "The image is archived.",
}

// withFindings are the statuses in which an answer has findings.
var withFindings = []string{"COMPLETE", "ACTIVE", "SCAN_ELIGIBILITY_EXPIRED"}

// ScanStatuses are the statuses that a result can have, sorted.
func ScanStatuses() []string {
	var out []string
	for status := range scanStatuses {
		out = append(out, status)
	}
	slices.Sort(out)
	return out
}

// Check says what is wrong with a result, nil when nothing is.
func (s ScanResult) Check() error {
	if _, known := scanStatuses[s.Status]; !known && s.Status != "" {
		return fmt.Errorf("status is %q, want one of %s", s.Status, strings.Join(ScanStatuses(), ", "))
	}
	if s.Status != "" && len(s.Findings) > 0 && !slices.Contains(withFindings, s.Status) {
		return fmt.Errorf("status is %s, which has no findings; only %s have", s.Status, strings.Join(withFindings, ", "))
	}
	if s.Takes < 0 {
		return fmt.Errorf("takes is %s, want no less than 0s", s.Takes)
	}
	for i, one := range s.Findings {
		if one.Name == "" {
			return fmt.Errorf("findings[%d] has no name", i)
		}
		if !slices.Contains(Severities, one.Severity) {
			return fmt.Errorf("findings[%d].severity is %q, want one of %s", i, one.Severity, strings.Join(Severities, ", "))
		}
	}
	return nil
}

// CheckSeedKey says what is wrong with the keys of a result, nil when nothing is.
func CheckSeedKey(repository, image string) error {
	if repository != "*" && CheckRepositoryName(repository) != nil {
		return fmt.Errorf(`%q is no repository's name, nor "*"`, repository)
	}
	if image != "*" && !IsDigest(image) && CheckTag(image) != nil {
		return fmt.Errorf(`%q is no tag, no sha256 digest, nor "*"`, image)
	}
	return nil
}

// check says what is wrong with any of the results.
func (f Findings) check() error {
	for repository, images := range f {
		for image, result := range images {
			err := CheckSeedKey(repository, image)
			if err == nil {
				err = result.Check()
			}
			if err != nil {
				return fmt.Errorf("the findings for %q, image %q: %w", repository, image, err)
			}
		}
	}
	return nil
}

// of returns the result for an image, nil when nobody gave one. Its tags are its own and those of indexes it is in.
func (f Findings) of(repository, digest string, tags []string) *ScanResult {
	for _, name := range []string{repository, "*"} {
		images := f[name]
		for _, image := range slices.Concat([]string{digest}, tags, []string{"*"}) {
			if result, is := images[image]; is {
				return &result
			}
		}
	}
	return nil
}
