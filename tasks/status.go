package tasks

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
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

// Status prints what is in the repositories. One that is missing or cannot be asked for is part of the answer, and an error after it.
func Status(ctx context.Context, flags Account, o StatusOptions) error {
	if o.Images != nil && *o.Images < -1 {
		return fmt.Errorf("-images=%d: want 0 or more, or -1 for all", *o.Images)
	}
	s, err := open(flags)
	if err != nil {
		return err
	}
	return s.status(ctx, o)
}

func (s *session) status(ctx context.Context, o StatusOptions) error {
	names, err := s.repositories(o.Repo)
	if err != nil {
		return err
	}
	report, err := s.look(ctx, names, o.newest())
	if err != nil {
		return s.explain(err)
	}
	if o.JSON {
		err = s.JSON(report)
	} else {
		s.show(report, time.Now())
	}
	s.warnOnce(report)
	if err := errors.Join(err, s.Err()); err != nil {
		return err
	}
	return errors.Join(missing(report.Region, report.missing()), s.explain(onceEach(report.faults)))
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

// look asks for all repositories at once, each by itself: one that is missing, denied or throttled must not hide the others.
func (s *session) look(ctx context.Context, names []string, newest int) (statusReport, error) {
	client, err := s.ecr(ctx)
	if err != nil {
		return statusReport{}, err
	}
	report := statusReport{Region: s.Region, Repositories: make([]ecr.Repository, len(names)), faults: make([]error, len(names))}
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() { report.Repositories[i], report.faults[i] = s.lookAt(ctx, client, name, newest) })
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

func (s *session) lookAt(ctx context.Context, client *awsecr.Client, name string, newest int) (ecr.Repository, error) {
	repository, err := ecr.Status(ctx, client, name, ecr.StatusOptions{Newest: newest, Looked: lookedInto, Listed: s.listed(name)})
	if err != nil {
		repository.Error, repository.Reason = err.Error(), awserr.Reason(err)
	}
	return repository, err
}

// listed shows life while a long listing goes on: a line each ten seconds, whose total nobody knows.
func (s *session) listed(name string) func(int) {
	const each = 10 * time.Second
	all, said := 0, time.Now()
	return func(images int) {
		all += images
		if now := time.Now(); now.Sub(said) >= each {
			said = now
			s.Say("%s: %d images listed so far", name, all)
		}
	}
}

// warnOnce says what is not known of the images; of several repositories that lack the same, once.
func (s *session) warnOnce(report statusReport) {
	for _, warning := range report.warnings() {
		s.Warn("%s", warning)
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

// missing makes a target exit 1 after its answer, when a repository does not exist.
func missing(region string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return hint.Add(fmt.Errorf("repositories missing in %s: %s", region, quoted(names)), "make what is missing: %s", typed("deploy"))
}

func quoted(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = strconv.Quote(name)
	}
	return strings.Join(words, ", ")
}

// openRepositories is a session with the repositories that were asked for.
func openRepositories(flags Account, asked string) (*session, []string, error) {
	s, err := open(flags)
	if err != nil {
		return nil, nil, err
	}
	names, err := s.repositories(asked)
	return s, names, err
}

// repositories is the names of all repositories of locals.tf, or the one that was asked for, by its name or its key.
func (s *session) repositories(asked string) ([]string, error) {
	var all, known []string
	for _, repository := range s.Repositories {
		if asked == repository.App || asked == repository.Name {
			return []string{repository.Name}, nil
		}
		all = append(all, repository.Name)
		known = append(known, fmt.Sprintf("%s (%s)", repository.App, repository.Name))
	}
	if asked != "" {
		return nil, fmt.Errorf("unknown repository %q: locals.tf has %s", asked, strings.Join(known, ", "))
	}
	return all, nil
}
