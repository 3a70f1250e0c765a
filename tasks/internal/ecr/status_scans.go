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
func scanned(ctx context.Context, api API, repository string, rows []Row) (blocked, err error) {
	asker := scanAsker{api: api, repository: repository}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(looking)
	for i := range rows {
		row := &rows[i]
		if row.Archived() {
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

func (s *RowScan) merge(other RowScan) {
	if s.Status == ScanNotAsked || slices.Index(scanOrder, other.Status) < slices.Index(scanOrder, s.Status) {
		s.Status = other.Status
	}
	for severity, n := range other.Findings {
		if s.Findings == nil {
			s.Findings = Counts{}
		}
		s.Findings[severity] = max(s.Findings[severity], n)
	}
}

type scanAsker struct {
	api        API
	repository string

	mu      sync.Mutex
	blocked error // the first that kept a scan from being known
	denied  bool
}

func (a *scanAsker) ask(ctx context.Context, digest string) (RowScan, error) {
	a.mu.Lock()
	denied := a.denied
	a.mu.Unlock()
	if denied {
		return RowScan{Status: ScanUnknown}, nil
	}
	scan, err := (&scanner{api: a.api, repository: a.repository}).look(ctx, digest, 1)
	if err == nil || fatal(ctx, err) {
		return RowScan{scan.Result, scan.Counts}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.denied = a.denied || awserr.Denied(err)
	a.blocked = cmp.Or(a.blocked, err)
	return RowScan{Status: ScanUnknown}, nil
}
