package registry

import (
	"context"
	"errors"
	"strings"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

// SetOutputs sets outputs for later steps of a GitHub workflow: app_repository_url and the like, and registry_url.
func SetOutputs(ctx context.Context, s *session.Session) error {
	hub := s.Project.GitHub()
	if hub.Output == "" {
		return nil
	}
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return err
	}
	var registry string
	var faults []error
	for _, repository := range s.Settings.Repositories {
		found, err := ecr.Find(ctx, client, repository.Name)
		if err != nil {
			return s.AWS.Explain(err) // no output is better than an empty one
		}
		registry, _, _ = strings.Cut(found.URI, "/")
		faults = append(faults, hub.Set(repository.App+"_repository_url", found.URI))
	}
	return errors.Join(append(faults, hub.Set("registry_url", registry))...)
}
