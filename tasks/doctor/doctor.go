// Package doctor looks at everything that the targets need, changes nothing, and says how to fix what is missing.
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

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// patience is how long the doctor waits for an answer. It waits for all answers at once.
const patience = 10 * time.Second

// Doctor looks at everything that the targets need, changes nothing, and says how to fix what is missing. A fault hides
// no other.
func Doctor(ctx context.Context, flags session.Where, asJSON bool) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	d := &doctor{project: p, flags: flags}
	d.s, d.unread = session.Read(p, flags)
	if d.s != nil && p.Interactive() {
		typing, cancel := context.WithTimeout(ctx, time.Minute) // a code takes longer than the doctor's patience
		_, _ = d.s.AWS.Keys(typing)                             // a fault is found again below
		cancel()
	}
	findings := d.examine(ctx, checkups, patience)
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
		return fmt.Errorf("%s to fix first: %s", console.Count(len(faults), "fault", "faults"), faults[0].Name)
	}
	return nil
}

type question func(*doctor, context.Context) finding

type checkup struct {
	name string
	ask  question
}

// checkups in the order in which things are needed: fixing the first fault may fix others.
var checkups = []checkup{
	{"go", (*doctor).goCommand},
	{"git", (*doctor).gitCommand},
	{"settings", (*doctor).settings},
	{"terraform", withSettings((*doctor).terraform)},
	{"provider", (*doctor).provider},
	{"region", withSettings((*doctor).region)},
	{"credentials", withSettings((*doctor).credentials)},
	{"clock", withSettings((*doctor).clock)},
	{"state bucket", withAccount((*doctor).stateBucket)},
	{"state lock", withAccount((*doctor).stateLock)},
	{"repositories", withAccount((*doctor).repositories)},
	{"docker", (*doctor).docker},
	{"aws cli", (*doctor).awsCommand},
	{"disk", (*doctor).disk},
}

type doctor struct {
	project *session.Project
	flags   session.Where
	s       *session.Session // nil where the settings cannot be read: for questions withSettings and withAccount
	unread  error            // why there are no settings

	asked    sync.Once // for the identity: most questions to AWS depend on it
	identity session.Identity
	unknown  error // why there is no identity
}

// examine asks everything at once, and gives up on a question that takes too long.
func (d *doctor) examine(ctx context.Context, asked []checkup, timeout time.Duration) []finding {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	findings := make([]finding, len(asked))
	var group sync.WaitGroup
	for i, c := range asked {
		group.Go(func() {
			answer := make(chan finding, 1)
			go func() { answer <- c.ask(d, ctx) }()
			select {
			case findings[i] = <-answer:
			case <-time.After(timeout + 2*time.Second): // most questions notice the end of their context by themselves
				findings[i] = bad(session.Network, "no answer within %s", timeout)
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

// settings is whether locals.tf, backend.tf and terraform.tf can be read, with all faults in them.
func (d *doctor) settings(context.Context) finding {
	if d.unread != nil {
		what, fix := hint.Parts(d.unread)
		return bad(cmp.Or(fix, "correct it there"), "%s", strings.ReplaceAll(what, "\n", "; "))
	}
	var apps []string
	for _, repository := range d.s.Settings.Repositories {
		apps = append(apps, repository.App)
	}
	return good("%s: %s", d.s.Project.TerraformDir(), strings.Join(apps, ", "))
}

func withSettings(ask question) question {
	return func(d *doctor, ctx context.Context) finding {
		if d.unread != nil {
			return notAsked("the settings cannot be read")
		}
		return ask(d, ctx)
	}
}

// withAccount asks where AWS knows us, and Terraform uses the state that the settings name.
func withAccount(ask question) question {
	return withSettings(func(d *doctor, ctx context.Context) finding {
		if stack.CheckState(d.s) != nil {
			return notAsked("Terraform uses another state")
		}
		if _, err := d.whoami(ctx); err != nil {
			return notAsked("no credentials that AWS takes")
		}
		return ask(d, ctx)
	})
}
