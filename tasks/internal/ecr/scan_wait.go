package ecr

import (
	"context"
	"sync"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/internal/again"
	"envoy-proxy-poc/tasks/internal/awserr"
)

// A pause between two looks at something that is under way grows from the first to the longest.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 5 * time.Second
)

type scanner struct {
	api        *Client
	repository string
	options    ScanOptions

	mu          sync.Mutex
	done, total int
}

// progress counts scans that have their result.
func (s *scanner) progress(more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done += more
	if s.options.Progress != nil {
		s.options.Progress(s.done, s.total)
	}
}

// one reads the scan of an image. It starts a scan where there is none, and waits for one that runs until bounded ends.
// The SDK's own waiter takes a continuous scan, always ACTIVE, for one that never ends.
func (s *scanner) one(ctx, bounded context.Context, digest string) (PlatformScan, error) {
	scan, err := s.look(ctx, digest, pageSize)
	if err == nil && scan.Result == ScanNever {
		scan, err = s.begin(ctx, digest)
	}
	begun := scan // what holds for as long as ECR knows of no scan
	for pause := firstPause; err == nil && scan.Result == ScanPending; pause = min(2*pause, longestPause) {
		s.progress(0)
		if again.Sleep(bounded, pause) != nil {
			return scan, context.Cause(ctx) // nil when only the wait is over
		}
		var next PlatformScan
		next, err = s.look(bounded, digest, pageSize)
		switch {
		case err != nil && bounded.Err() != nil:
			return scan, context.Cause(ctx)
		case next.Result == ScanNever:
			next = begun
		}
		scan = next
	}
	return scan, err
}

// begin starts a scan and looks whether it is there at once, perhaps by somebody else's start.
func (s *scanner) begin(ctx context.Context, digest string) (PlatformScan, error) {
	begun, err := s.start(ctx, digest)
	if err != nil {
		return begun, err
	}
	scan, err := s.look(ctx, digest, pageSize)
	if err == nil && scan.Result == ScanNever {
		return begun, nil
	}
	return scan, err
}

// start asks for a basic scan, which ECR allows once in 24 hours for each image.
func (s *scanner) start(ctx context.Context, digest string) (PlatformScan, error) {
	result := func(result ScanResult, reason string) (PlatformScan, error) {
		return unscanned(digest, result, reason), nil
	}
	_, err := s.api.StartImageScan(ctx,
		&awsecr.StartImageScanInput{RepositoryName: &s.repository, ImageId: &types.ImageIdentifier{ImageDigest: &digest}})
	if err == nil {
		if s.options.Started != nil {
			s.options.Started(digest)
		}
		return result(ScanPending, "it was started now")
	}
	switch code := awserr.Code(err); {
	case code == "UnsupportedImageTypeException":
		return result(ScanUnsupported, awserr.Reason(err))
	case code == "ImageArchivedException":
		return result(ScanArchived, awserr.Reason(err))
	case awserr.Quota(err): // just pushed with scan on push: ECR is about to know of the scan
		return result(ScanPending, "ECR scanned it within 24 hours, and has no result yet: "+awserr.Reason(err))
	case awserr.Denied(err):
		return result(ScanNever, "a scan cannot be started: "+awserr.Reason(err))
	case code == "ValidationException": // enhanced scanning is on, and starts its scans itself
		return s.awaited(ctx, digest)
	}
	return PlatformScan{}, err
}

func (s *scanner) awaited(ctx context.Context, digest string) (PlatformScan, error) {
	scan := unscanned(digest, ScanNever, "enhanced scanning is on, and none of its rules is for this repository")
	scan.Scanning = "enhanced"
	out, err := s.api.BatchGetRepositoryScanningConfiguration(ctx,
		&awsecr.BatchGetRepositoryScanningConfigurationInput{RepositoryNames: []string{s.repository}})
	if awserr.Denied(err) {
		scan.Reason = "enhanced scanning is on, and whether for this repository may not be asked: " + awserr.Reason(err)
		return scan, nil
	}
	if err != nil {
		return scan, err
	}
	for _, configuration := range out.ScanningConfigurations {
		if configuration.ScanFrequency != types.ScanFrequencyManual {
			scan.Result, scan.Reason = ScanPending, "enhanced scanning has not begun with it"
		}
	}
	return scan, nil
}
