package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/files"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/session"
)

// What [Report] does without a flag.
const (
	DefaultReport       = "report.html"
	DefaultReportImages = 50
)

// ReportOptions are the flags of ecr:report.
type ReportOptions struct {
	Out    string // the file to write
	Images int    // newest images to show of each repository, -1 for all
	Repo   string // one repository only; empty for all
	InUse  string // a file that names digests; empty for none

	Lock ReadLock
}

// ReadLock reads who holds the state's lock.
type ReadLock = func(context.Context, *session.Session) (*state.LockInfo, error)

// Report writes what is in the repositories as one HTML file. If a repository is missing or cannot be asked, the file
// says so, and the target fails after it is written.
func Report(ctx context.Context, flags session.Where, o ReportOptions) error {
	if err := checkImages(o.Images); err != nil {
		return err
	}
	opened, err := session.Open(flags)
	if err != nil {
		return err
	}
	s, page, failed := drawn(ctx, opened, o)
	if page == nil {
		return failed
	}
	if err := files.Replace(o.Out, page); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	s.Answer("%s", o.Out)
	return errors.Join(s.Err(), failed)
}

// Page is the report of all repositories, for a server that draws it at each visit.
func Page(ctx context.Context, opened *session.Session, lock ReadLock) ([]byte, error) {
	_, page, err := drawn(ctx, opened, ReportOptions{Images: DefaultReportImages, Lock: lock})
	if page != nil {
		return page, nil
	}
	return nil, err
}

// drawn is the page, nil if nothing could be asked. With a page comes an error about what is missing in it.
func drawn(ctx context.Context, opened *session.Session, o ReportOptions) (*selection, []byte, error) {
	inUse, err := ReadInUse(o.InUse)
	if err != nil {
		return nil, nil, err
	}
	s, err := selectFrom(ctx, opened, o.Repo)
	if err != nil {
		return nil, nil, err
	}
	looked := min(o.Images, lookedInto)
	if o.Images < 0 {
		looked = lookedInto
	}
	report, failed := s.look(ctx, ecr.StatusOptions{Newest: -1, Looked: looked, Findings: true})
	page := newReportPage(report, o.Images, inUse, time.Now())
	page.Lock = lockLine(ctx, opened, o)
	if ctx.Err() != nil {
		return nil, nil, session.Interrupted(ctx.Err())
	}
	text, err := page.draw()
	if err != nil {
		return nil, nil, err
	}
	return s, text, failed
}

func lockLine(ctx context.Context, s *session.Session, o ReportOptions) string {
	lock, err := o.Lock(ctx, s)
	switch {
	case err != nil:
		return "not known: " + awserr.Reason(err)
	case lock == nil:
		return "not locked"
	}
	return lock.At(time.Now())
}
