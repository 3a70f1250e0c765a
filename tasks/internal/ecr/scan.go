package ecr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// ScanOptions choose what is scanned and how long that may take.
type ScanOptions struct {
	Image    string              // a tag, a digest or its first digits; empty for the newest image that has a tag
	Wait     time.Duration       // how long a scan that is under way is waited for
	Started  func(digest string) // a scan was
	Progress func(done, total int)
}

// Scanned is what is known of one repository.
type Scanned struct {
	Name   string         `json:"name"`
	Exists bool           `json:"exists"`
	Error  string         `json:"error,omitempty"` // why it could not be told; for a caller that goes on with others
	Images []ScannedImage `json:"images"`          // never nil; empty when there is no image
}

// ScannedImage is an image with a scan for each of its platforms: an index itself is never scanned.
type ScannedImage struct {
	Image
	Scans []PlatformScan `json:"scans"`
}

// Each visits every platform of every image.
func (s Scanned) Each(visit func(ScannedImage, PlatformScan)) {
	for _, image := range s.Images {
		for _, scan := range image.Scans {
			visit(image, scan)
		}
	}
}

// PlatformScan is the last scan of one image.
type PlatformScan struct {
	Digest      string     `json:"digest"`
	Platform    string     `json:"platform,omitempty"` // as the index says; empty for an image outside of one
	Result      ScanResult `json:"result"`
	Status      string     `json:"status,omitempty"`      // in ECR's word
	Reason      string     `json:"reason,omitempty"`      // why there is no result
	Scanning    string     `json:"scanning,omitempty"`    // basic or enhanced, where the answer tells
	CompletedAt *time.Time `json:"completedAt,omitempty"` // when the findings were found
	Counts      Counts     `json:"counts"`
	Findings    []Finding  `json:"findings"` // the worst first; never nil
}

// ScanResult is how a scan ended.
type ScanResult string

// Results.
const (
	ScanClean       ScanResult = "clean"
	ScanFound       ScanResult = "found"
	ScanPending     ScanResult = "pending"     // and the wait for it is over
	ScanUnsupported ScanResult = "unsupported" // the scanner cannot look into it, as into an image from scratch
	ScanExpired     ScanResult = "expired"     // no longer scanned: what was found is old
	ScanFailed      ScanResult = "failed"
	ScanNever       ScanResult = "not scanned"
	ScanArchived    ScanResult = "archived" // it cannot be pulled or scanned
)

// Known reports whether a result says what is in the image.
func (r ScanResult) Known() bool { return r == ScanClean || r == ScanFound }

// What [Choose] cannot find.
var (
	ErrNoImage = errors.New("no such image")
	ErrSeveral = errors.New("several images begin so") // with a digest or a commit
)

// Scan says what ECR's scans found in one image of a repository, all its platforms at once. It starts a basic scan of
// what was never scanned, and waits for those that run. A repository that does not exist is an answer. The index is
// read to learn its platforms, which ECR counts as a pull.
func Scan(ctx context.Context, api *Client, repository string, o ScanOptions) (Scanned, error) {
	out := Scanned{Name: repository, Images: []ScannedImage{}}
	image, err := wanted(ctx, api, repository, o.Image)
	if Missing(err) {
		return out, nil
	}
	out.Exists = true
	if err != nil || image == nil {
		return out, err
	}
	s := &scanner{api: api, repository: repository, options: o}
	scans, err := s.image(ctx, *image)
	if Missing(err) { // removed since it was listed
		return Scanned{Name: repository, Images: []ScannedImage{}}, nil
	}
	if err != nil {
		return out, fmt.Errorf("reading scans of %q: %w", repository, err)
	}
	out.Images = append(out.Images, ScannedImage{*image, scans})
	return out, nil
}

func (s *scanner) image(ctx context.Context, image Image) ([]PlatformScan, error) {
	if !image.Active() {
		return []PlatformScan{unscanned(image.Digest, ScanArchived, "only an active image can be scanned")}, nil
	}
	scans, err := s.platforms(ctx, image)
	if err != nil {
		return nil, err
	}
	s.total = len(scans)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	bounded, cancel := context.WithTimeout(ctx, s.options.Wait)
	defer cancel()
	for i := range scans {
		if scans[i].Result != "" { // settled already
			s.progress(1)
			continue
		}
		group.Go(func() (err error) {
			platform := scans[i].Platform
			scans[i], err = s.one(ctx, bounded, scans[i].Digest)
			scans[i].Platform = platform
			s.progress(1)
			return err
		})
	}
	return scans, group.Wait()
}

// platforms are the images in an index, at any depth and without attestations, or the image itself.
func (s *scanner) platforms(ctx context.Context, image Image) ([]PlatformScan, error) {
	if !isIndex(image.MediaType) {
		return []PlatformScan{{Digest: image.Digest}}, nil
	}
	var scans []PlatformScan
	seen := map[string]bool{image.Digest: true}
	for level := []string{image.Digest}; len(level) > 0; {
		read, unread, err := readIndexes(ctx, s.api, s.repository, level)
		if err != nil {
			return nil, err
		}
		for _, failure := range unread {
			scans = append(scans, unscanned(failure.Digest, ScanFailed, "the index cannot be read: "+failure.Why()))
		}
		var next []string
		for _, index := range level {
			for _, child := range read[index].children {
				switch {
				case child.Attestation || seen[child.Digest]:
				case isIndex(child.MediaType):
					next = append(next, child.Digest)
				default:
					scans = append(scans, PlatformScan{Digest: child.Digest, Platform: child.Platform})
				}
				seen[child.Digest] = true
			}
		}
		level = next
	}
	if len(scans) == 0 { // or it went in the meantime
		scans = append(scans, unscanned(image.Digest, ScanFailed, "the index lists no image"))
	}
	return scans, nil
}

func unscanned(digest string, result ScanResult, reason string) PlatformScan {
	return PlatformScan{Digest: digest, Result: result, Reason: reason, Counts: Counts{}, Findings: []Finding{}}
}
