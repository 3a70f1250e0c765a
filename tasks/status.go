package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/ecr"
)

// DefaultNewest is how many images of each repository [Status] shows.
const DefaultNewest = 5

// StatusOptions are the flags of ecr:status.
type StatusOptions struct {
	Images int    // newest images to show of each repository
	Repo   string // one repository only; empty for all
	JSON   bool
}

// statusReport is what ecr:status -json prints.
type statusReport struct {
	Registry     string           `json:"registry"`
	Region       string           `json:"region"`
	Repositories []ecr.Repository `json:"repositories"`
}

// Status prints what is in the repositories. A missing one is part of the answer, and an error after it.
func Status(ctx context.Context, flags Account, o StatusOptions) error {
	if o.Images < 0 {
		return fmt.Errorf("-images=%d: want 0 or more", o.Images)
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
	report, err := s.look(ctx, names, o.Images)
	if err != nil {
		return s.explain(err)
	}
	if o.JSON {
		err = s.JSON(report)
	} else {
		s.show(report)
	}
	if err := errors.Join(err, s.Err()); err != nil {
		return err
	}
	return missing(report)
}

// look asks for all repositories at once, each by its own call: one that is missing must not hide the others.
func (s *session) look(ctx context.Context, names []string, newest int) (statusReport, error) {
	client, err := s.ecr(ctx)
	if err != nil {
		return statusReport{}, err
	}
	report := statusReport{Region: s.Region, Repositories: make([]ecr.Repository, len(names))}
	group, ctx := errgroup.WithContext(ctx)
	for i, name := range names {
		group.Go(func() (err error) {
			report.Repositories[i], err = ecr.Status(ctx, client, name, newest)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return statusReport{}, err
	}
	for _, repository := range report.Repositories {
		if repository.Exists {
			report.Registry, _, _ = strings.Cut(repository.URI, "/")
		}
	}
	return report, nil
}

// missing makes ecr:status exit 1 after its answer, when a repository of locals.tf does not exist.
func missing(report statusReport) error {
	var names []string
	for _, repository := range report.Repositories {
		if !repository.Exists {
			names = append(names, fmt.Sprintf("%q", repository.Name))
		}
	}
	if names == nil {
		return nil
	}
	return console.Hint(fmt.Errorf("repositories missing in %s: %s", report.Region, strings.Join(names, ", ")), "make what is missing: %s", typed("deploy"))
}

func (s *session) show(report statusReport) {
	var rows, images [][]string
	for _, r := range report.Repositories {
		if !r.Exists {
			rows = append(rows, []string{r.Name, "missing", "", "", ""})
			continue
		}
		rows = append(rows, []string{r.Name, fmt.Sprint(r.ImageCount), console.Bytes(r.SizeBytes), when(r.CreatedAt), r.URI})
		for _, image := range r.Images {
			images = append(images, []string{r.Name, shortDigest(image.Digest), when(image.PushedAt), console.Bytes(image.SizeBytes), tags(image.Tags)})
		}
	}
	s.Table([]string{"REPOSITORY", "IMAGES", "SIZE", "CREATED", "URI"}, rows)
	if images != nil {
		s.Answer("")
		s.Table([]string{"NEWEST IN", "DIGEST", "PUSHED", "SIZE", "TAGS"}, images)
	}
}

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// shortDigest is enough of a digest to tell images apart; -json has all of it.
func shortDigest(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }

func tags(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, " ")
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
