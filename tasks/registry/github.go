package registry

import (
	"context"
	"errors"
	"strings"

	"envoy-proxy-poc/tasks/session"
)

// SetOutputs sets outputs for later steps of a GitHub workflow: app_repository_url and the like, and registry_url.
func SetOutputs(ctx context.Context, s *session.Session) error {
	hub := s.Project.GitHub()
	if hub.Output == "" {
		return nil
	}
	found, err := find(ctx, s)
	if err != nil {
		return err // no output is better than an empty one
	}
	var registry string
	var faults []error
	for _, repository := range found {
		registry, _, _ = strings.Cut(repository.URI, "/")
		faults = append(faults, hub.Set(repository.App+"_repository_url", repository.URI))
	}
	return errors.Join(append(faults, hub.Set("registry_url", registry))...)
}
