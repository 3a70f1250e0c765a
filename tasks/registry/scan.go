package registry

import (
	"context"
	"errors"
	"fmt"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// ScanOptions are the flags of ecr:scan.
type ScanOptions struct {
	Gate  session.Gate
	Image string // tag, digest or its first digits; empty for the newest
	Repo  string // one repository only; empty for all
	JSON  bool
}

// scanReport is what ecr:scan -json prints.
type scanReport struct {
	Region       string        `json:"region"`
	FailOn       string        `json:"failOn,omitempty"`
	Strict       bool          `json:"strict"`
	Passed       bool          `json:"passed"` // the exit code is 0
	Repositories []ecr.Scanned `json:"repositories"`
	flags        session.Where
	options      ScanOptions
}

// Scan shows what ECR's scans found in the newest image of each repository, or in one that is named.
func Scan(ctx context.Context, flags session.Where, o ScanOptions) error {
	if err := o.Gate.Check(); err != nil {
		return err
	}
	if err := image.CheckSelector(o.Image); err != nil && o.Image != "" {
		return session.Mistake(fmt.Errorf("-image: %w", err))
	}
	report := scanReport{FailOn: o.Gate.FailOn, Strict: o.Gate.Strict, flags: flags, options: o}
	s, err := open(ctx, flags, o.Repo)
	if err != nil {
		return err
	}
	report.Region, report.Repositories = s.aws.Region, make([]ecr.Scanned, len(s.names))
	failed := s.scan(ctx, o.Gate, o.Image, report.Repositories)
	if ctx.Err() != nil {
		return session.Interrupted(ctx.Err())
	}
	missing := s.missing(ctx, func(i int) (bool, string) {
		return report.Repositories[i].Exists, report.Repositories[i].Error
	})
	verdict := report.verdict(missing)
	report.Passed = failed == nil && verdict == nil
	if o.JSON {
		err = s.JSON(report)
	} else {
		s.Table(scanColumns, report.rows())
		showWorst(s.Console, report)
	}
	s.project.Summarise(console.Markdown("Scans", scanColumns, report.rows()))
	session.WarnScans(s.Console, report.Repositories)
	return errors.Join(err, s.Err(), failed, verdict)
}

// scan asks for all repositories at once. One that fails hides none of the others. Without a tag or digest, it says
// which image was chosen.
func (s *selection) scan(ctx context.Context, gate session.Gate, asked string, out []ecr.Scanned) error {
	return s.aws.Explain(errors.Join(session.Each(s.names, func(i int, name string) (err error) {
		out[i], err = gate.Scan(ctx, s.Console, s.client, name, asked)
		if errors.Is(err, ecr.ErrNoImage) { // in this repository: the verdict says so
			return nil
		}
		err = session.Several(err, name)
		if err == nil && asked == "" && len(out[i].Images) > 0 {
			why := map[bool]string{true: " that has a tag", false: "; none has a tag"}[len(out[i].Images[0].Tags) > 0]
			s.Say("%s: looked at %s, the newest image%s", name, console.ShortDigest(out[i].Images[0].Digest), why)
		}
		out[i].Error = console.ErrorText(err)
		return err
	})...))
}
