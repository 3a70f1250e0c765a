package images

import (
	"context"
	"errors"
	"time"

	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// vulnsReport is what build:vulns -json prints.
type vulnsReport struct {
	Database         string          `json:"database"`
	DatabaseModified *time.Time      `json:"databaseModified"`
	Passed           *bool           `json:"passed"` // false: exit 3; null: no program refuses, and one could not be judged
	Programs         []judgedProgram `json:"programs"`
}

// judgedProgram is the program of an image on one platform.
type judgedProgram struct {
	App      string      `json:"app"`
	Digest   string      `json:"digest"` // of the whole image
	Platform string      `json:"platform"`
	Passed   *bool       `json:"passed"`           // null: it could not be judged
	Reason   string      `json:"reason,omitempty"` // why not
	Findings []vulnFound `json:"findings"`
}

// vulnFound is a vulnerability of a module that is linked into a program.
type vulnFound struct {
	ID        string   `json:"id"`
	Module    string   `json:"module"` // stdlib for Go's own packages
	Version   string   `json:"version"`
	FixedIn   string   `json:"fixedIn,omitempty"`
	Functions []string `json:"functions"` // the vulnerable ones that are linked in
}

// Vulns builds images as a push does, and looks their programs up in a database of vulnerabilities: db is an address or
// a folder, empty for Go's own. It exits 3 when a vulnerable function is linked in.
func Vulns(ctx context.Context, o BuildOptions, db string) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	report := vulnsReport{}
	if report.Database, err = session.FindVulnerabilities(ctx, db); err != nil {
		return err
	}
	b, err := planBuild(ctx, s, o)
	if err != nil {
		return err
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	for _, built := range b.built {
		programs, err := image.Programs(built)
		if err != nil {
			return err
		}
		for _, program := range programs {
			one, err := report.judge(ctx, s.Project, program)
			if err != nil {
				return err
			}
			one.App, one.Digest = built.App, built.Digest.String()
			report.Programs = append(report.Programs, one)
		}
	}
	report.Passed = report.passed()
	if o.JSON {
		err = s.JSON(report)
	} else {
		showVulns(s.Console, report)
	}
	return session.Conclude(errors.Join(err, s.Err()), report.verdict())
}

// passed is false when one program is refused, else null when one could not be judged.
func (r vulnsReport) passed() *bool {
	yes := true
	all := &yes
	for _, program := range r.Programs {
		switch {
		case program.Passed == nil:
			all = nil
		case !*program.Passed:
			return program.Passed
		}
	}
	return all
}
