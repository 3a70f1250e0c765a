package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// asking is how long the doctor waits for any one answer. All are waited for at once.
const asking = 10 * time.Second

// The words of a finding.
const (
	healthy = "ok"
	warning = "warning" // something to know: the targets run, or it cannot be told whether they do
	faulty  = "fault"   // a target will fail of it
)

// finding is what was found of one thing that the targets need.
type finding struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // what to type, or to do
}

func good(format string, args ...any) finding {
	return finding{Status: healthy, Detail: fmt.Sprintf(format, args...)}
}

func odd(fix, format string, args ...any) finding {
	return finding{Status: warning, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

func bad(fix, format string, args ...any) finding {
	return finding{Status: faulty, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

// failure is a finding of an error: its hint is the fix. Of what the SDK says, AWS's own words are kept.
func failure(err error) finding {
	what, fix := hint.Parts(err)
	if said, ok := errors.AsType[smithy.APIError](err); ok {
		what, _, _ = strings.Cut(what, "operation error ")
		what += said.ErrorCode() + ": " + said.ErrorMessage()
	}
	if unanswered(err) {
		fix = cmp.Or(fix, network)
	}
	return bad(fix, "%s", console.OneLine(what))
}

// checkup is one question, and how it is answered.
type checkup struct {
	name string
	ask  func(*doctor, context.Context) finding
}

// checkups in the order in which things are needed: who mends the first fault may have mended the others.
var checkups = []checkup{
	{"go", (*doctor).goCommand},
	{"git", (*doctor).gitCommand},
	{"settings", (*doctor).settings},
	{"terraform", (*doctor).terraform},
	{"provider", (*doctor).provider},
	{"region", (*doctor).region},
	{"credentials", (*doctor).credentials},
	{"clock", (*doctor).clock},
	{"state bucket", (*doctor).stateBucket},
	{"state lock", (*doctor).stateLock},
	{"repositories", (*doctor).repositories},
	{"docker", (*doctor).docker},
	{"disk", (*doctor).disk},
}

// doctor is what the questions share.
type doctor struct {
	project *session.Project
	s       *session.Session // nil where the settings cannot be read
	unread  error            // why there are no settings
	flags   session.Where

	asked sync.Once // who this is: most questions to AWS depend on it
	who   session.Identity
	whoIs error
}

// Doctor looks at everything that the targets need, changes nothing, and says how to mend what is missing. What one
// question comes to hides no other.
func Doctor(ctx context.Context, flags session.Where, asJSON bool) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	d := &doctor{project: p, flags: flags}
	d.s, d.unread = session.Read(p, flags)
	findings := d.examine(ctx, checkups, asking)
	if err := ctx.Err(); err != nil {
		return err
	}
	if asJSON {
		err = p.JSON(map[string][]finding{"checks": findings})
	} else {
		showFindings(p.Console, findings)
	}
	if err := errors.Join(err, p.Err()); err != nil {
		return err
	}
	faults := slices.DeleteFunc(findings, func(f finding) bool { return f.Status != faulty })
	if len(faults) > 0 {
		return fmt.Errorf("%s to mend first: %s", console.Count(len(faults), "fault", "faults"), faults[0].Name)
	}
	return nil
}

// examine asks everything at once. A question that does not come to an end is given up.
func (d *doctor) examine(ctx context.Context, checkups []checkup, asking time.Duration) []finding {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	findings := make([]finding, len(checkups))
	var group sync.WaitGroup
	for i, c := range checkups {
		group.Go(func() {
			answer := make(chan finding, 1)
			go func() { answer <- c.ask(d, ctx) }()
			select {
			case findings[i] = <-answer:
			case <-time.After(asking + 2*time.Second): // most notice the end of their context by themselves
				findings[i] = bad(network, "no answer within %s", asking)
			}
			findings[i].Name = c.name
			if findings[i].Status == faulty && findings[i].Fix == "" {
				findings[i].Fix = "see to what it says, then look again: " + menu.Typed("doctor")
			}
		})
	}
	group.Wait()
	return findings
}

func showFindings(c *console.Console, findings []finding) {
	for _, f := range findings {
		c.Answer("%-8s %-13s %s", f.Status, f.Name, f.Detail)
		if f.Fix != "" {
			c.Answer("%-8s %-13s mend it: %s", "", "", f.Fix)
		}
	}
}

// settings is whether locals.tf, backend.tf and terraform.tf can be read; all faults in them are told at once.
func (d *doctor) settings(context.Context) finding {
	if d.unread != nil {
		return bad("correct it there", "%s", strings.ReplaceAll(d.unread.Error(), "\n", "; "))
	}
	var apps []string
	for _, repository := range d.s.Settings.Repositories {
		apps = append(apps, repository.App)
	}
	return good("%s: %s", session.TerraformDir, strings.Join(apps, ", "))
}

// notAsked is the finding where something else has to be mended first.
func notAsked(why string) finding { return odd("", "not looked at: %s", why) }
