package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// vulnsReport is what build:vulns -json prints.
type vulnsReport struct {
	Database  string      `json:"database"`
	Images    []string    `json:"images"`    // APP@DIGEST
	Passed    *bool       `json:"passed"`    // false: exit 3; null: no function refuses, and a program could not be judged
	NotJudged []string    `json:"notJudged"` // programs, with the reason
	Findings  []vulnFound `json:"findings"`
}

// vulnFound is a vulnerability of a module that is linked into a program.
type vulnFound struct {
	ID       string `json:"id"`
	Module   string `json:"module"` // stdlib for Go's own packages
	Version  string `json:"version"`
	FixedIn  string `json:"fixedIn,omitempty"`
	Function string `json:"function,omitempty"` // a vulnerable one that is linked in; empty if none is
	Program  string `json:"program"`            // APP PLATFORM
}

// Vulns builds images as a push does, and looks their programs up in a database of vulnerabilities: db is an address or
// a folder, empty for Go's own. It exits 3 when a vulnerable function is linked in.
func Vulns(ctx context.Context, o BuildOptions, db string) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	report := vulnsReport{NotJudged: []string{}, Findings: []vulnFound{}}
	if report.Database, err = vulnDatabase(db); err != nil {
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
		report.Images = append(report.Images, built.App+"@"+built.Digest.String())
		programs, err := image.Programs(built)
		for i := 0; i < len(programs) && err == nil; i++ {
			err = report.judge(ctx, s.Project, built.App, programs[i])
		}
		if err != nil {
			return err
		}
	}
	verdict := report.verdict()
	if o.JSON {
		err = s.JSON(report)
	} else {
		report.show(s.Console)
	}
	return errors.Join(err, s.Err(), verdict)
}

// verdict is the answer of the gate, and sets Passed: nil is a yes, or unknown.
func (r *vulnsReport) verdict() error {
	var bad, fixes []string
	for _, f := range r.Findings {
		switch {
		case f.Function == "":
			continue
		case f.FixedIn == "":
			fixes = append(fixes, "no version of "+f.Module+" fixes "+f.ID+": do without "+f.Function)
		case f.Module == "stdlib":
			fixes = append(fixes, "go get toolchain@go"+menu.Quote(strings.TrimPrefix(f.FixedIn, "v")))
		default:
			fixes = append(fixes, "go get "+menu.Quote(f.Module)+"@"+menu.Quote(f.FixedIn))
		}
		bad = append(bad, f.ID)
	}
	if passed := bad == nil; !passed || len(r.NotJudged) == 0 {
		r.Passed = &passed
	}
	if bad == nil {
		return nil
	}
	unique := func(list []string) []string { slices.Sort(list); return slices.Compact(list) }
	err := fmt.Errorf("vulnerable functions are linked in: %s", strings.Join(unique(bad), ", "))
	return session.Refuse(hint.Add(err, "%s", strings.Join(unique(fixes), "; ")))
}

func (r *vulnsReport) show(c *console.Console) {
	var rows [][]string
	for _, f := range r.Findings {
		rows = append(rows, []string{
			f.ID, f.Module, f.Version, console.Dash(f.FixedIn), console.Dash(f.Function), f.Program,
		})
	}
	if rows != nil {
		slices.SortFunc(rows, slices.Compare)
		c.Table([]string{"VULNERABILITY", "MODULE", "VERSION", "FIXED IN", "LINKED FUNCTION", "PROGRAM"}, rows)
	}
	for _, program := range r.NotJudged {
		c.Warn("%s; what ECR's scan finds in the image: %s", program, menu.Typed("ecr:scan"))
	}
	if r.Passed != nil && *r.Passed {
		c.Answer("no vulnerable function is linked in, says %s", r.Database)
	}
}
