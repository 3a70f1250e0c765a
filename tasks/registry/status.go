package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

const (
	// DefaultNewest is how many images of each repository the table of [Status] shows.
	DefaultNewest = 5
	// lookedInto is how many of them are asked for their platforms and scans, which takes ECR some calls each.
	lookedInto = 200
)

// StatusOptions are the flags of ecr:status.
type StatusOptions struct {
	Images *int   // newest images to show of each repository, -1 for all; nil is [DefaultNewest] in the table, all in JSON
	Repo   string // one repository only; empty for all
	JSON   bool
}

// statusReport is what ecr:status -json prints.
type statusReport struct {
	Registry     string           `json:"registry"`
	Region       string           `json:"region"`
	Repositories []ecr.Repository `json:"repositories"`
	Totals       ecr.Totals       `json:"totals"`
	faults       []error          // by repository
}

// Status prints what is in the repositories. One that is missing or cannot be asked for is part of the answer, and an
// error after it.
func Status(ctx context.Context, flags session.Where, o StatusOptions) error {
	if o.Images != nil && *o.Images < -1 {
		return fmt.Errorf("-images=%d: want 0 or more, or -1 for all", *o.Images)
	}
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	return PrintStatus(ctx, s, o)
}

func PrintStatus(ctx context.Context, s *session.Session, o StatusOptions) error {
	names, err := s.RepositoryNames(o.Repo)
	if err != nil {
		return err
	}
	report, err := lookAtAll(ctx, s, names, o.newest())
	if err != nil {
		return s.AWS.Explain(err)
	}
	if o.JSON {
		err = s.JSON(report)
	} else {
		showReport(s.Console, report, time.Now())
	}
	warnOnceOfAll(s.Console, report)
	if err := errors.Join(err, s.Err()); err != nil {
		return err
	}
	return errors.Join(missing(report.Region, report.missing()), s.AWS.Explain(session.Distinct(report.faults)))
}

func (o StatusOptions) newest() int {
	switch {
	case o.Images != nil:
		return *o.Images
	case o.JSON:
		return -1
	}
	return DefaultNewest
}

// look asks for all repositories at once, each by itself: one that is missing, denied or throttled must not hide the
// others.
func lookAtAll(ctx context.Context, s *session.Session, names []string, newest int) (statusReport, error) {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return statusReport{}, err
	}
	report := statusReport{Region: s.AWS.Region, Repositories: make([]ecr.Repository, len(names)),
		faults: make([]error, len(names))}
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() { report.Repositories[i], report.faults[i] = lookAt(ctx, s, client, name, newest) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return statusReport{}, context.Cause(ctx)
	}
	for _, repository := range report.Repositories {
		report.Totals.Add(repository.Totals)
		if repository.Exists {
			report.Registry, _, _ = strings.Cut(repository.URI, "/")
		}
	}
	return report, nil
}

func lookAt(ctx context.Context, s *session.Session, client *awsecr.Client, name string, newest int) (ecr.Repository,
	error) {
	repository, err := ecr.Status(ctx, client, name,
		ecr.StatusOptions{Newest: newest, Looked: lookedInto, Listed: sayListed(s.Console, name)})
	if err != nil {
		repository.Error, repository.Reason = err.Error(), awserr.Reason(err)
	}
	return repository, err
}

// listed shows life while a long listing goes on: a line each ten seconds, whose total nobody knows.
func sayListed(c *console.Console, name string) func(int) {
	const each = 10 * time.Second
	all, said := 0, time.Now()
	return func(images int) {
		all += images
		if now := time.Now(); now.Sub(said) >= each {
			said = now
			c.Say("%s: %d images listed so far", name, all)
		}
	}
}

// warnOnce says what is not known of the images; of several repositories that lack the same, once.
func warnOnceOfAll(c *console.Console, report statusReport) {
	for _, warning := range report.warnings() {
		c.Warn("%s", warning)
	}
}

// warnings are those of all repositories, each behind the names of those that share it.
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

// missing are the repositories of locals.tf that do not exist.
func (r statusReport) missing() []string {
	var names []string
	for i, repository := range r.Repositories {
		if !repository.Exists && r.faults[i] == nil {
			names = append(names, repository.Name)
		}
	}
	return names
}
