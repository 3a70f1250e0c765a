package tasks

import (
	"context"
	"fmt"
	"os"
	"strings"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/ecr"
)

// CleanupOptions are the flags of ecr:cleanup.
type CleanupOptions struct {
	Yes    bool   // delete without asking
	DryRun bool   // show, delete nothing
	Repo   string // one repository only; empty for all
}

// Cleanup deletes every image of the repositories and proves them empty.
//
// CLEANUP_MODE=true means -yes, as it did for the script this replaces. ECR_REGISTRY_ID and ECR_REPOSITORY_ARNS, which
// Terraform's destroy hook sets, name the only registry and the only repositories that may be touched.
func Cleanup(ctx context.Context, flags Account, o CleanupOptions) error {
	s, err := open(flags)
	if err != nil {
		return err
	}
	o.Yes = o.Yes || os.Getenv("CLEANUP_MODE") == "true"
	names, err := s.repositories(o.Repo)
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		return s.explain(s.cleanup(ctx, names, o))
	})
}

func (s *session) cleanup(ctx context.Context, names []string, o CleanupOptions) error {
	client, err := s.ecr(ctx)
	if err != nil {
		return err
	}
	if !o.DryRun {
		if err := s.confirmCleanup(ctx, client, names, o.Yes); err != nil {
			return err
		}
	}
	options := ecr.CleanupOptions{
		DryRun: o.DryRun, ExpectRegistry: s.expectedRegistry(),
		ExpectARNs: strings.FieldsFunc(os.Getenv("ECR_REPOSITORY_ARNS"), func(r rune) bool { return r == ',' }),
	}
	for _, name := range names {
		if err := s.empty(ctx, client, name, options); err != nil {
			return err
		}
	}
	return nil
}

// confirmCleanup says how much is at stake before it asks.
func (s *session) confirmCleanup(ctx context.Context, client *awsecr.Client, names []string, yes bool) error {
	if yes || unattended {
		return nil
	}
	total := 0
	for _, name := range names {
		n, err := ecr.Count(ctx, client, name)
		if err != nil {
			return err
		}
		s.Say("%s: %s", name, count(n, "image", "images"))
		total += n
	}
	if total == 0 {
		return nil
	}
	return s.confirm(ctx, yes, fmt.Sprintf("Delete %s?", count(total, "image", "images")), "delete")
}

func (s *session) empty(ctx context.Context, client *awsecr.Client, name string, o ecr.CleanupOptions) error {
	bar := s.Progress(name)
	o.Progress = func(done, total int) { bar.Count(int64(done), int64(total), "images") }
	report, err := ecr.Cleanup(ctx, client, name, o)
	bar.Done()
	switch {
	case report.Missing:
		s.Say("%s: no such repository, nothing to delete", name)
	case o.DryRun:
		for _, image := range report.Images {
			s.Answer("%s@%s %s", name, image.Digest, tags(image.Tags))
		}
		s.Say("%s: %s would be deleted", name, count(report.Found, "image", "images"))
	case err == nil:
		s.Say("%s: %s deleted, proved empty", name, count(report.Deleted, "image", "images"))
	case report.Deleted > 0:
		s.Say("%s: %d of %s deleted before it stopped", name, report.Deleted, count(report.Found, "image", "images"))
	}
	if report.Archived > 0 && !o.DryRun {
		s.Warn("%s: %d of the images were archived; AWS bills an archived image for 90 days at least", name, report.Archived)
	}
	return err
}

// expectedRegistry is the one account whose images may be deleted: the hook's, else the one that locals.tf pins; "" is any.
func (s *session) expectedRegistry() string {
	if id := os.Getenv("ECR_REGISTRY_ID"); id != "" {
		return id
	}
	return s.Account
}
