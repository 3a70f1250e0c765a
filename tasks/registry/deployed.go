package registry

import (
	"context"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// deployedReport is what deploy -json prints.
type deployedReport struct {
	Account      string             `json:"account"`
	Region       string             `json:"region"`
	Actions      []terraform.Change `json:"actions"` // what was done
	Repositories []foundRepository  `json:"repositories"`
}

// foundRepository is a repository of locals.tf, as ECR knows it.
type foundRepository struct {
	App  string `json:"app"`
	Name string `json:"name"`
	ecr.Found
}

// ShowDeployed prints the repositories after a deploy, and what that did, as JSON.
func ShowDeployed(ctx context.Context, s *session.Session, done []terraform.Change) error {
	report := deployedReport{Region: s.AWS.Region, Actions: done}
	var err error
	if report.Repositories, err = find(ctx, s); err != nil {
		return err
	}
	for _, repository := range report.Repositories {
		report.Account = repository.Registry
	}
	WarnLatest(ctx, s)
	return s.JSON(report)
}

// find finds all repositories of locals.tf. One that does not exist is an error.
func find(ctx context.Context, s *session.Session) ([]foundRepository, error) {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return nil, err
	}
	var all []foundRepository
	for _, repository := range s.Settings.Repositories {
		found, err := ecr.Find(ctx, client, repository.Name)
		if err != nil {
			return nil, s.AWS.Explain(err)
		}
		all = append(all, foundRepository{repository.App, repository.Name, found})
	}
	return all, nil
}
