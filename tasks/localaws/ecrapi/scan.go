package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type startScanInput struct {
	target
	ImageID *imageID `json:"imageId"`
}

type startScanOutput struct {
	echo
	ImageID imageID    `json:"imageId"`
	Status  scanStatus `json:"imageScanStatus"`
}

type scanStatus struct {
	Status      string `json:"status"`
	Description string `json:"description,omitempty"`
}

func startImageScan(c call, in startScanInput) (out startScanOutput, err error) {
	if in.ImageID == nil {
		return out, catalog.Invalid("imageId", "Member must not be null")
	}
	img, err := c.StartScan(in.RepositoryName, in.ImageID.catalog())
	return startScanOutput{
		c.echo(in.target),
		imageID{img.Digest, in.ImageID.ImageTag},
		scanStatus{Status: "IN_PROGRESS"},
	}, err
}

type scanFindingsInput struct {
	target
	ImageID *imageID `json:"imageId"`
	paged
}

type scanFindingsOutput struct {
	echo
	ImageID   imageID       `json:"imageId"`
	Status    scanStatus    `json:"imageScanStatus"`
	Findings  *scanFindings `json:"imageScanFindings,omitempty"`
	NextToken string        `json:"nextToken,omitempty"`
}

// scanFindings has one of its lists: findings of a basic scan, enhancedFindings of an enhanced one.
type scanFindings struct {
	CompletedAt epoch             `json:"imageScanCompletedAt"`
	Counts      map[string]int    `json:"findingSeverityCounts"`
	Findings    []finding         `json:"findings,omitzero"`
	Enhanced    []enhancedFinding `json:"enhancedFindings,omitzero"`
}

type finding struct {
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	URI         string             `json:"uri,omitempty"`
	Severity    string             `json:"severity"`
	Attributes  []findingAttribute `json:"attributes"`
}

type findingAttribute struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func describeImageScanFindings(c call, in scanFindingsInput) (out scanFindingsOutput, err error) {
	if in.ImageID == nil {
		return out, catalog.Invalid("imageId", "Member must not be null")
	}
	page, err := in.page()
	if err != nil {
		return out, err
	}
	scan, next, err := c.Scan(in.RepositoryName, in.ImageID.catalog(), page)
	if err != nil {
		return out, err
	}
	return scanFindingsOutput{
		echo: c.echo(in.target), ImageID: imageID{scan.Image.Digest, in.ImageID.ImageTag},
		Status: scanStatus{scan.Status, scan.Description}, Findings: c.findings(in.RepositoryName, scan), NextToken: next,
	}, nil
}

// findings is nil for a scan without a result.
func (c call) findings(repositoryName string, scan catalog.Scan) *scanFindings {
	if scan.CompletedAt.IsZero() {
		return nil
	}
	out := &scanFindings{CompletedAt: epoch{scan.CompletedAt}, Counts: map[string]int{}}
	for severity, n := range scan.Counts {
		out.Counts[severityOf(severity, scan.Enhanced)] = n
	}
	if scan.Enhanced {
		out.Enhanced = each(scan.Findings,
			func(is catalog.Finding) enhancedFinding { return c.enhanced(repositoryName, scan, is) })
	} else {
		out.Findings = each(scan.Findings, basicFinding)
	}
	return out
}

func basicFinding(is catalog.Finding) finding {
	out := finding{is.Name, is.Description, is.URI, is.Severity, []findingAttribute{}}
	for _, one := range []findingAttribute{{"package_name", is.Package}, {"package_version", is.Version}} {
		if one.Value != "" {
			out.Attributes = append(out.Attributes, one)
		}
	}
	return out
}
