package ecr

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// RowScan is what the last scans of a row's images found, in one word and in numbers.
type RowScan struct {
	Status   ScanResult `json:"status"`
	Findings Counts     `json:"findings,omitempty"` // each number of the platform that has most of it

	Platforms []PlatformScan `json:"-"` // what the row's images have, as far as ECR said
}

// What a row can say besides a [ScanResult].
const (
	ScanUnknown  ScanResult = "unknown"   // ECR did not say
	ScanNotAsked ScanResult = "not asked" // an older row
)

// scanOrder: a row of several images has the first of these that any of them has.
var scanOrder = []ScanResult{
	ScanFound, ScanFailed, ScanExpired, ScanPending, ScanNever, ScanUnsupported, ScanArchived,
	ScanUnknown, ScanClean,
}

const looking = 8 // calls about single images under way at once

// scanned asks what scans found. The first error about single images comes back as blocked; err ends it all.
func scanned(ctx context.Context, api *Client, repository string, rows []Row, most int32) (blocked, err error) {
	asker := scanAsker{api: api, repository: repository, most: most}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(looking)
	for i := range rows {
		row := &rows[i]
		if row.Archived() {
			row.Scan.Status = ScanArchived
			continue
		}
		row.Scan.Platforms = row.scannable()
		for at := range row.Scan.Platforms {
			group.Go(func() (err error) {
				scan := &row.Scan.Platforms[at]
				platform := scan.Platform
				*scan, err = asker.ask(ctx, scan.Digest)
				scan.Platform = platform
				return err
			})
		}
	}
	err = group.Wait()
	for i := range rows {
		for _, scan := range rows[i].Scan.Platforms {
			rows[i].Scan.merge(scan)
		}
	}
	return asker.blocked, err
}

func (r Row) scannable() []PlatformScan {
	var scans []PlatformScan
	for _, child := range r.Children {
		if child.Kind == KindImage && !child.Missing {
			scans = append(scans, PlatformScan{Digest: child.Digest, Platform: child.Platform})
		}
	}
	if r.Kind != KindIndex {
		scans = append(scans, PlatformScan{Digest: r.Digest})
	}
	return scans
}

func (s *RowScan) merge(scan PlatformScan) {
	if s.Status == ScanNotAsked || slices.Index(scanOrder, scan.Result) < slices.Index(scanOrder, s.Status) {
		s.Status = scan.Result
	}
	for severity, n := range scan.Counts {
		if s.Findings == nil {
			s.Findings = Counts{}
		}
		s.Findings[severity] = max(s.Findings[severity], n)
	}
}

type scanAsker struct {
	api        *Client
	repository string
	most       int32 // findings of an image to ask for at a time; with 1, the numbers alone matter

	mu      sync.Mutex
	blocked error // the first that kept a scan from being known
	denied  bool
}

func (a *scanAsker) ask(ctx context.Context, digest string) (PlatformScan, error) {
	unknown := PlatformScan{Digest: digest, Result: ScanUnknown}
	a.mu.Lock()
	denied := a.denied
	a.mu.Unlock()
	if denied {
		return unknown, nil
	}
	scan, err := (&scanner{api: a.api, repository: a.repository}).look(ctx, digest, a.most)
	if err == nil || fatal(ctx, err) {
		return scan, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.denied = a.denied || awserr.Denied(err)
	a.blocked = cmp.Or(a.blocked, err)
	return unknown, nil
}
