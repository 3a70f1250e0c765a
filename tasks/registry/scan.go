package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// DefaultScanWait is how long [Scan] waits for scans that are under way.
const DefaultScanWait = 5 * time.Minute

// ScanOptions are the flags of ecr:scan.
type ScanOptions struct {
	FailOn string // findings of this severity or worse refuse; empty for no gate
	Strict bool   // an image without a result refuses too
	Image  string // tag, digest or its first digits; empty for the newest
	Wait   time.Duration
	Repo   string // one repository only; empty for all
	JSON   bool
}

// scanReport is what ecr:scan -json prints.
type scanReport struct {
	Region       string        `json:"region"`
	FailOn       ecr.Severity  `json:"failOn,omitempty"`
	Strict       bool          `json:"strict"`
	Passed       bool          `json:"passed"` // the exit code is 0
	Repositories []ecr.Scanned `json:"repositories"`
	flags        session.Where
	options      ScanOptions
}

// again is what was typed without the flags of the gate, and with more, for a hint that goes on.
func (r scanReport) again(more ...string) string {
	image, repo := r.options.Image, r.options.Repo
	words := slices.Concat([]string{"ecr:scan"}, given(image != "", "-image="+image), given(repo != "", "-repo="+repo),
		r.flags.Words(), more)
	return menu.Typed(strings.Join(words, " "))
}

// gate are the flags of the gate that were typed.
func (r scanReport) gate() []string {
	return append(given(r.FailOn != "", "-failOn="+string(r.FailOn)), given(r.Strict, "-strict")...)
}

// Scan shows what ECR's scans found in the newest image of each repository, or in one that is named.
//
// With -failOn it exits 3 for findings of that severity or worse, and 1 for an image without a result: the scan is
// pending after the wait, failed, expired, or was never made. An unsupported image only warns, because basic scanning
// says that of every image from scratch. With -strict every missing result exits 3. Without either flag the findings
// are only shown.
func Scan(ctx context.Context, flags session.Where, o ScanOptions) error {
	report := scanReport{Strict: o.Strict, flags: flags, options: o}
	if o.FailOn != "" {
		threshold, err := ecr.Threshold(o.FailOn)
		if err != nil {
			return fmt.Errorf("-failOn: %w", err)
		}
		report.FailOn = threshold
	}
	if o.Wait < 0 {
		return fmt.Errorf("-wait=%s: want 0s or more", o.Wait)
	}
	s, err := open(ctx, flags, o.Repo)
	if err != nil {
		return err
	}
	report.Region, report.Repositories = s.aws.Region, make([]ecr.Scanned, len(s.names))
	failed := s.scan(ctx, o, report.Repositories)
	if ctx.Err() != nil {
		return session.Interrupted{Err: ctx.Err()}
	}
	missing := s.missing(ctx, func(i int) (bool, string) {
		return report.Repositories[i].Exists, report.Repositories[i].Error
	})
	verdict := report.verdict(missing)
	report.Passed = failed == nil && verdict == nil
	if o.JSON {
		err = s.JSON(report)
	} else {
		showScans(s.Console, report)
	}
	warnScans(s.Console, report.Repositories)
	return session.Conclude(errors.Join(err, s.Err(), failed), verdict)
}

// scan asks for all repositories at once. One that fails hides none of the others.
func (s *selection) scan(ctx context.Context, o ScanOptions, out []ecr.Scanned) error {
	return s.aws.Explain(session.Each(s.names, func(i int, name string) (err error) {
		bar := s.Progress(name)
		defer bar.Done()
		out[i], err = ecr.Scan(ctx, s.client, name, ecr.ScanOptions{
			Image: o.Image, Wait: o.Wait,
			Started: func(digest string) {
				s.Say("%s: %s was never scanned: a scan is started", name, console.ShortDigest(digest))
			},
			Progress: func(done, total int) { bar.Count(int64(done), int64(total), "scans") },
		})
		if errors.Is(err, ecr.ErrNoImage) { // in this repository: the verdict says so
			return nil
		}
		if errors.Is(err, ecr.ErrSeveral) {
			err = hint.Add(err, "give more of its digits: %s has all", menu.Typed("ecr:status -json -repo="+name))
		}
		out[i].Error = console.ErrorText(err)
		return err
	}))
}
