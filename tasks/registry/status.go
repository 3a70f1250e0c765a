package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// lookedInto is how many images are asked for their platforms and scans, which takes several calls each.
const lookedInto = 200

// DefaultImages is how many of the newest images of each repository [Status] shows: 5 in the table, all (-1) in JSON.
func DefaultImages(asJSON bool) int {
	if asJSON {
		return -1
	}
	return 5
}

// StatusOptions are the flags of ecr:status.
type StatusOptions struct {
	Images int    // newest images to show of each repository, -1 for all; see [DefaultImages]
	Repo   string // one repository only; empty for all
	JSON   bool
	Done   []terraform.Change // what a deploy has done; nil without one
}

// statusReport is what ecr:status -json and deploy -json print.
type statusReport struct {
	Account      string             `json:"account"`
	Registry     string             `json:"registry"`
	Region       string             `json:"region"`
	Actions      []terraform.Change `json:"actions,omitzero"` // of the deploy
	Repositories []ecr.Repository   `json:"repositories"`
	Totals       ecr.Totals         `json:"totals"`
}

// Status prints what is in the repositories. If one is missing or cannot be asked, the answer says so, and the target
// fails after it.
func Status(ctx context.Context, flags session.Where, o StatusOptions) error {
	if err := checkImages(o.Images); err != nil {
		return err
	}
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	return ShowStatus(ctx, s, o)
}

func checkImages(newest int) error {
	if newest < -1 {
		return session.Mistake(fmt.Errorf("-images=%d: want 0 or more, or -1 for all", newest))
	}
	return nil
}

// ShowStatus is [Status] for a target that has read the settings.
func ShowStatus(ctx context.Context, opened *session.Session, o StatusOptions) error {
	s, err := selectFrom(ctx, opened, o.Repo)
	if err != nil {
		return err
	}
	report, failed := s.look(ctx, ecr.StatusOptions{Newest: o.Images, Looked: lookedInto})
	if ctx.Err() != nil {
		return s.aws.Explain(context.Cause(ctx))
	}
	if report.Actions = o.Done; o.JSON {
		err = s.JSON(report)
	} else {
		showReport(s.Console, report, time.Now())
	}
	s.project.Summarise(report.summary(time.Now()))
	for _, warning := range report.warnings() {
		s.Warn("%s", console.Lines(warning))
	}
	for _, repository := range report.Repositories {
		warnLatest(s.Console, repository.Name, repository.LatestExpiresAt, time.Now())
	}
	if err = cmp.Or(errors.Join(err, s.Err()), failed); err == nil {
		next := menu.Typed("push:all")
		if report.Totals.ImageCount > 0 {
			next = "after you change the code: " + next
		}
		opened.Summarise(next)
	}
	return err
}

// look asks for all repositories at once. One that is missing, denied or throttled hides none of the others.
func (s *selection) look(ctx context.Context, o ecr.StatusOptions) (statusReport, error) {
	report := statusReport{Region: s.aws.Region, Repositories: make([]ecr.Repository, len(s.names))}
	faults := session.Each(s.names, func(i int, name string) (err error) {
		report.Repositories[i], err = s.lookAt(ctx, name, o)
		return err
	})
	for _, repository := range report.Repositories {
		report.Totals.Add(repository.Totals)
		if repository.Exists {
			report.Account = repository.Registry
			report.Registry, _, _ = strings.Cut(repository.URI, "/")
		}
	}
	missing := s.missing(ctx, func(i int) (bool, string) {
		return report.Repositories[i].Exists, report.Repositories[i].Error
	})
	return report, errors.Join(missing, s.aws.Explain(session.Distinct(faults)))
}

func (s *selection) lookAt(ctx context.Context, name string, o ecr.StatusOptions) (ecr.Repository, error) {
	o.Listed, o.HTTP = sayListed(s.Console, name), &http.Client{Transport: s.aws.Transport(ctx)}
	repository, err := ecr.Status(ctx, s.client, name, o)
	if err != nil {
		repository.Error, repository.Reason = err.Error(), awserr.Reason(err)
	}
	return repository, err
}

// sayListed returns a function that counts the images of a long listing and says the number now and then.
func sayListed(c *console.Console, name string) func(int) {
	all, due := 0, lifeSign()
	return func(images int) {
		all += images
		if due() {
			c.Say("%s: %d images listed so far", name, all)
		}
	}
}

// warnings are those of all repositories, each once, behind the names of the repositories that share it.
func (r statusReport) warnings() []string {
	var texts []string
	names := map[string][]string{}
	for _, repository := range r.Repositories {
		for _, warning := range repository.Warnings {
			if names[warning] == nil {
				texts = append(texts, warning)
			}
			names[warning] = append(names[warning], repository.Name)
		}
	}
	for i, text := range texts {
		texts[i] = strings.Join(names[text], ", ") + ": " + text
	}
	return texts
}
