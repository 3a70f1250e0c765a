package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// adopt repairs what an interrupted apply can leave: a repository that AWS made and the state does not know, at which
// every apply would fail, and a repository that the state knows as tainted, which the next plan would replace. Both are
// imported as they are.
func (s *Stack) adopt(ctx context.Context, yes bool) error {
	found, err := s.adoptable(ctx)
	if err != nil || found == nil {
		return err
	}
	var names []string
	for _, repository := range found {
		s.Say("%s %s", repository.Name, howFound(repository))
		names = append(names, repository.Name)
	}
	question := fmt.Sprintf("Take over %s as it is?", strings.Join(names, " and "))
	if err := s.Ask(ctx, yes, question, "yes"); err != nil {
		return err
	}
	s.changed = true
	err = s.run(s.Story(), func(tf *terraform.Terraform) error { return importAll(ctx, tf, found) })
	if err != nil {
		return err
	}
	return s.read(ctx) // a plan that replaces an adopted repository must know its name
}

// warnAdoptable says which repositories deploy would adopt, to a user of a target that changes nothing.
func (s *Stack) warnAdoptable(ctx context.Context) error {
	found, err := s.adoptable(ctx)
	for _, repository := range found {
		s.Warn("%s %s: %s takes it over as it is", repository.Name, howFound(repository), menu.Typed("deploy"))
	}
	return err
}

// adoptable are the repositories that the state does not know, and those of the state that an interrupted run did not
// finish creating.
func (s *Stack) adoptable(ctx context.Context) ([]state.Repository, error) {
	unknown, _, err := Compare(ctx, s.Session, s.Held)
	var found []state.Repository
	for _, repository := range unknown {
		address := fmt.Sprintf("aws_ecr_repository.app[%q]", repository.App)
		found = append(found, state.Repository{Address: address, Name: repository.Name})
	}
	for _, repository := range s.Held {
		if repository.Tainted {
			found = append(found, repository)
		}
	}
	return found, err
}

func howFound(repository state.Repository) string {
	if repository.Tainted {
		return "was being created when a run was interrupted"
	}
	return "exists, but the state does not know it"
}

// importAll imports repositories. A tainted entry of the state may lack what outputs.tf reads, so it is forgotten first
// and imported whole.
func importAll(ctx context.Context, tf *terraform.Terraform, found []state.Repository) error {
	var partial []string
	for _, repository := range found {
		if repository.Tainted {
			partial = append(partial, repository.Address)
		}
	}
	if err := tf.Forget(ctx, partial); err != nil {
		return err
	}
	for _, repository := range found {
		if err := tf.Import(ctx, repository.Address, repository.Name); err != nil {
			return err
		}
	}
	return nil
}

// WarnUnknown says which repositories of locals.tf a destroy leaves behind: those that the state does not know.
func (s *Stack) WarnUnknown(ctx context.Context) error {
	unknown, _, err := Compare(ctx, s.Session, s.Held)
	var names []string
	for _, repository := range unknown {
		names = append(names, repository.Name)
	}
	if names != nil {
		s.Warn("in ECR, but not in the state, so not destroyed: %s; to take over: %s", strings.Join(names, ", "),
			menu.Typed("deploy"))
	}
	return err
}

// Compare asks ECR for the repositories of locals.tf. unknown exist, but are not among those that the state holds;
// missing do not exist.
func Compare(ctx context.Context, s *session.Session, held []state.Repository) (
	unknown, missing []settings.Repository, err error,
) {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return nil, nil, err
	}
	exists := make([]bool, len(s.Settings.Repositories))
	group, asking := errgroup.WithContext(ctx)
	for i, repository := range s.Settings.Repositories {
		group.Go(func() error {
			_, err := ecr.Find(asking, client, repository.Name)
			if exists[i] = err == nil; ecr.Missing(err) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, s.AWS.Explain(err)
	}
	for i, repository := range s.Settings.Repositories {
		isHeld := func(h state.Repository) bool { return h.Name == repository.Name }
		switch {
		case !exists[i]:
			missing = append(missing, repository)
		case !slices.ContainsFunc(held, isHeld):
			unknown = append(unknown, repository)
		}
	}
	return unknown, missing, nil
}
