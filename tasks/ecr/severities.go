package ecr

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

// FindingsAPI is the part of the ECR client that says what scans found.
type FindingsAPI interface {
	DescribeImageScanFindings(context.Context, *awsecr.DescribeImageScanFindingsInput, ...func(*awsecr.Options)) (*awsecr.DescribeImageScanFindingsOutput, error)
}

// Scan is what the last scans of a row's images found, in one word and in numbers.
type Scan struct {
	Status string `json:"status"` // one of the words below
	// Findings are how many there are by severity, critical, high, medium, low, informational or undefined: of the platform that
	// has most of it, as most platforms share most findings.
	Findings map[string]int `json:"findings,omitempty"`
}

// Words of a scan. Of several images' a row has the first one in this order that any of them has.
const (
	ScanFound       = "found"
	ScanFailed      = "failed"
	ScanExpired     = "expired" // enhanced scanning looks at an image for a limited time
	ScanPending     = "pending"
	ScanNone        = "none" // never scanned
	ScanUnsupported = "unsupported"
	ScanArchived    = "archived" // archived images are not scanned
	ScanUnknown     = "unknown"  // ECR did not say
	ScanClean       = "clean"
	ScanNotAsked    = "not asked" // an older row
)

var scanOrder = []string{ScanFound, ScanFailed, ScanExpired, ScanPending, ScanNone, ScanUnsupported, ScanArchived, ScanUnknown, ScanClean}

const looking = 8 // calls about single images under way at once

// scanned asks what scans found in the images of rows: an index is not scanned, its children are. The first error that kept it
// from being known comes back as blocked; err is one that ends it all.
func scanned(ctx context.Context, api FindingsAPI, repository string, rows []Row) (blocked, err error) {
	asker := scanAsker{api: api, repository: repository}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(looking)
	for i := range rows {
		row := &rows[i]
		if row.Status == string(types.ImageStatusArchived) {
			row.Scan.Status = ScanArchived
			continue
		}
		for _, digest := range row.scannable() {
			group.Go(func() error {
				scan, err := asker.ask(ctx, digest)
				if err != nil {
					return err
				}
				asker.mu.Lock()
				defer asker.mu.Unlock()
				row.Scan.merge(scan)
				return nil
			})
		}
	}
	err = group.Wait()
	return asker.blocked, err
}

// scannable are the digests of the images that a row consists of.
func (r Row) scannable() []string {
	var digests []string
	for _, child := range r.Children {
		if child.Kind == KindImage && !child.Missing {
			digests = append(digests, child.Digest)
		}
	}
	if r.Kind != KindIndex {
		digests = append(digests, r.Digest)
	}
	return digests
}

// merge adds another image's scan.
func (s *Scan) merge(other Scan) {
	if s.Status == ScanNotAsked || slices.Index(scanOrder, other.Status) < slices.Index(scanOrder, s.Status) {
		s.Status = other.Status
	}
	for severity, n := range other.Findings {
		if s.Findings == nil {
			s.Findings = map[string]int{}
		}
		s.Findings[severity] = max(s.Findings[severity], n)
	}
}

// scanAsker asks for one image at a time, and no more once it is not allowed.
type scanAsker struct {
	api        FindingsAPI
	repository string

	mu      sync.Mutex
	blocked error // the first that kept a scan from being known
	denied  bool
}

func (a *scanAsker) ask(ctx context.Context, digest string) (Scan, error) {
	a.mu.Lock()
	denied := a.denied
	a.mu.Unlock()
	if denied {
		return Scan{Status: ScanUnknown}, nil
	}
	out, err := a.api.DescribeImageScanFindings(ctx, &awsecr.DescribeImageScanFindingsInput{
		RepositoryName: &a.repository, ImageId: &types.ImageIdentifier{ImageDigest: &digest}, MaxResults: aws.Int32(1),
	})
	switch {
	case err == nil:
		return scanOf(out), nil
	case fatal(ctx, err):
		return Scan{}, err
	case neverScanned(err):
		return Scan{Status: ScanNone}, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.denied = a.denied || Denied(err)
	a.blocked = cmp.Or(a.blocked, err)
	return Scan{Status: ScanUnknown}, nil
}

func neverScanned(err error) bool {
	_, none := errors.AsType[*types.ScanNotFoundException](err)
	_, gone := errors.AsType[*types.ImageNotFoundException](err)
	return none || gone
}

// Denied reports whether err says that the credentials lack a permission.
func Denied(err error) bool {
	fault, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.HasPrefix(fault.ErrorCode(), "AccessDenied")
}

// scanOf reads an answer of basic scanning (COMPLETE) or of enhanced scanning, which goes on (ACTIVE).
func scanOf(out *awsecr.DescribeImageScanFindingsOutput) Scan {
	status := types.ScanStatus("")
	if out.ImageScanStatus != nil {
		status = out.ImageScanStatus.Status
	}
	switch status {
	case types.ScanStatusComplete, types.ScanStatusActive:
		return counted(out.ImageScanFindings)
	case types.ScanStatusInProgress, types.ScanStatusPending:
		return Scan{Status: ScanPending}
	case types.ScanStatusUnsupportedImage:
		return Scan{Status: ScanUnsupported}
	case types.ScanStatusScanEligibilityExpired:
		return Scan{Status: ScanExpired}
	case types.ScanStatusImageArchived:
		return Scan{Status: ScanArchived}
	case types.ScanStatusFailed, types.ScanStatusLimitExceeded, types.ScanStatusFindingsUnavailable:
		return Scan{Status: ScanFailed}
	}
	return Scan{Status: ScanUnknown}
}

func counted(findings *types.ImageScanFindings) Scan {
	scan := Scan{Status: ScanClean}
	if findings == nil {
		return scan
	}
	for severity, n := range maps.All(findings.FindingSeverityCounts) {
		if n > 0 {
			scan.merge(Scan{Status: ScanFound, Findings: map[string]int{strings.ToLower(severity): int(n)}})
		}
	}
	return scan
}
