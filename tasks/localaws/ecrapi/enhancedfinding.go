package ecrapi

import (
	"fmt"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// enhancedFinding is a finding as Amazon Inspector words it. Scores are left out: nobody gave any.
type enhancedFinding struct {
	Account     string             `json:"awsAccountId"`
	ARN         string             `json:"findingArn"`
	Type        string             `json:"type"`
	Status      string             `json:"status"`
	Title       string             `json:"title"`
	Description string             `json:"description,omitempty"`
	Severity    string             `json:"severity"`
	Fix         string             `json:"fixAvailable"`
	FirstSeenAt epoch              `json:"firstObservedAt"`
	LastSeenAt  epoch              `json:"lastObservedAt"`
	UpdatedAt   epoch              `json:"updatedAt"`
	Details     packageFinding     `json:"packageVulnerabilityDetails"`
	Resources   []enhancedResource `json:"resources"`
}

type packageFinding struct {
	ID        string              `json:"vulnerabilityId"`
	SourceURL string              `json:"sourceUrl,omitempty"`
	Packages  []vulnerablePackage `json:"vulnerablePackages"`
}

type vulnerablePackage struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	FixedIn string `json:"fixedInVersion,omitempty"`
}

type enhancedResource struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Details enhancedDetails `json:"details"`
}

type enhancedDetails struct {
	Image enhancedImage `json:"awsEcrContainerImage"`
}

type enhancedImage struct {
	Digest     string   `json:"imageHash"`
	Tags       []string `json:"imageTags,omitempty"`
	Platform   string   `json:"platform,omitempty"`
	PushedAt   epoch    `json:"pushedAt"`
	Registry   string   `json:"registry"`
	Repository string   `json:"repositoryName"`
}

// severityOf has Inspector's word for what ECR calls UNDEFINED.
func severityOf(severity string, enhanced bool) string {
	if enhanced && severity == "UNDEFINED" {
		return "UNTRIAGED"
	}
	return severity
}

func (c call) enhanced(repositoryName string, scan catalog.Scan, is catalog.Finding) enhancedFinding {
	img := scan.Image
	out := enhancedFinding{
		Account: c.Account(), Type: "PACKAGE_VULNERABILITY", Status: "ACTIVE", Title: is.Name, Description: is.Description,
		ARN: fmt.Sprintf("arn:aws:inspector2:%s:%s:finding/%.32s", c.Region(), c.Account(),
			catalog.Digest([]byte(img.Digest + is.Name + is.Package))[len("sha256:"):]),
		Severity: severityOf(is.Severity, true), Fix: "NO",
		FirstSeenAt: epoch{scan.CompletedAt}, LastSeenAt: epoch{scan.CompletedAt}, UpdatedAt: epoch{scan.CompletedAt},
		Details: packageFinding{ID: is.Name, SourceURL: is.URI, Packages: []vulnerablePackage{}},
		Resources: []enhancedResource{{c.ARN(repositoryName) + "/" + img.Digest, "AWS_ECR_CONTAINER_IMAGE", enhancedDetails{
			enhancedImage{img.Digest, img.Tags, img.Platform, epoch{img.PushedAt}, c.Account(), repositoryName},
		}}},
	}
	if is.Package != "" {
		out.Title += " - " + is.Package
		out.Details.Packages = append(out.Details.Packages, vulnerablePackage{is.Package, is.Version, is.FixedIn})
	}
	if is.FixedIn != "" {
		out.Fix = "YES"
	}
	return out
}
