package ecr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// look reads how far the scan of an image is, and its findings: all pages, or only one finding beside the counts.
func (s *scanner) look(ctx context.Context, digest string, most int32) (PlatformScan, error) {
	scan := unscanned(digest, ScanNever, "")
	in := &awsecr.DescribeImageScanFindingsInput{
		RepositoryName: &s.repository, ImageId: &types.ImageIdentifier{ImageDigest: &digest}, MaxResults: &most,
	}
	for {
		page, err := s.api.DescribeImageScanFindings(ctx, in)
		if _, never := errors.AsType[*types.ScanNotFoundException](err); never {
			return scan, nil
		}
		if _, gone := errors.AsType[*types.ImageNotFoundException](err); gone {
			return unscanned(digest, ScanFailed, "the image is not in the repository"), nil
		}
		if err != nil {
			return scan, err
		}
		scan.read(page)
		if aws.ToString(page.NextToken) == "" || most == 1 {
			scan.conclude()
			return scan, nil
		}
		in.NextToken = page.NextToken
	}
}

func (p *PlatformScan) read(page *awsecr.DescribeImageScanFindingsOutput) {
	if status := page.ImageScanStatus; status != nil {
		p.Status, p.Reason = string(status.Status), aws.ToString(status.Description)
	}
	found := page.ImageScanFindings
	if found == nil {
		return
	}
	p.CompletedAt = utc(found.ImageScanCompletedAt)
	counts := Counts{}
	for severity, n := range found.FindingSeverityCounts { // of all pages
		counts[severityOf(severity)] += int(n)
	}
	p.Counts = counts
	for _, one := range found.Findings {
		p.Findings = append(p.Findings, basicFinding(one))
	}
	for _, one := range found.EnhancedFindings {
		p.Findings = append(p.Findings, enhancedFinding(one))
		p.Scanning = "enhanced"
	}
}

func (p *PlatformScan) conclude() {
	slices.SortStableFunc(p.Findings, Worse)
	listed := Counts{}
	for _, one := range p.Findings {
		listed[one.Severity]++
	}
	if len(p.Counts) == 0 { // an answer that lists findings and does not count them
		p.Counts = listed
	}
	p.Result, p.Scanning = resultOf(p.Status, p.Reason), p.scanning()
	switch {
	case p.Result == ScanClean && len(p.Counts) > 0:
		p.Result = ScanFound
	case p.Result == "":
		p.Result, p.Reason = ScanFailed, fmt.Sprintf("ECR says %q, which is not known here: %s", p.Status, p.Reason)
	}
	if p.Result.Known() {
		p.Reason = ""
	}
}

// resultOf reads ECR's state of a scan. Basic scanning has also called an image that it cannot look into FAILED.
func resultOf(status, reason string) ScanResult {
	switch types.ScanStatus(status) {
	case types.ScanStatusComplete, types.ScanStatusActive:
		return ScanClean
	case types.ScanStatusInProgress, types.ScanStatusPending:
		return ScanPending
	case types.ScanStatusUnsupportedImage:
		return ScanUnsupported
	case types.ScanStatusScanEligibilityExpired:
		return ScanExpired
	case types.ScanStatusImageArchived:
		return ScanArchived
	case types.ScanStatusFailed, types.ScanStatusFindingsUnavailable, types.ScanStatusLimitExceeded:
		if strings.HasPrefix(reason, "UnsupportedImageError") {
			return ScanUnsupported
		}
		return ScanFailed
	}
	return ""
}

// scanning tells the two kinds apart by the state, where the findings do not.
func (p *PlatformScan) scanning() string {
	switch types.ScanStatus(p.Status) {
	case types.ScanStatusActive, types.ScanStatusPending, types.ScanStatusScanEligibilityExpired:
		return "enhanced"
	case types.ScanStatusInProgress:
		return "basic"
	case types.ScanStatusComplete:
		if p.Scanning == "" && len(p.Findings) > 0 {
			return "basic"
		}
	}
	return p.Scanning
}
