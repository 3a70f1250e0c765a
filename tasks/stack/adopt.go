package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

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
	unknown, _, err := Compare(ctx, s.Session, s.Held)
	if err != nil {
		return err
	}
	var found []string
	for _, repository := range unknown {
		s.Say("%s exists, but the state does not know it", repository.Name)
		found = append(found, repository.Name)
	}
	for _, repository := range s.tainted() {
		s.Say("%s was being created when a run was interrupted", repository.Name)
		found = append(found, repository.Name)
	}
	if found == nil {
		return nil
	}
	question := fmt.Sprintf("Take over %s as it is?", strings.Join(found, " and "))
	if err := s.Ask(ctx, yes, question, "yes"); err != nil {
		return err
	}
	s.changed = true
	err = s.run(s.Story(), func(tf *terraform.Terraform) error { return s.importAll(ctx, tf, unknown) })
	if err != nil {
		return err
	}
	return s.read(ctx) // a plan that replaces an adopted repository must know its name
}

// importAll imports the repositories that the state does not know, or knows only in part. A tainted entry may lack what
// outputs.tf reads, so it is forgotten first and imported whole.
func (s *Stack) importAll(ctx context.Context, tf *terraform.Terraform, unknown []settings.Repository) error {
	imports := map[string]string{}
	for _, repository := range unknown {
		imports[fmt.Sprintf("aws_ecr_repository.app[%q]", repository.App)] = repository.Name
	}
	var partial []string
	for _, repository := range s.tainted() {
		partial = append(partial, repository.Address)
		imports[repository.Address] = repository.Name
	}
	if err := tf.Forget(ctx, partial); err != nil {
		return err
	}
	for _, address := range slices.Sorted(maps.Keys(imports)) {
		if err := tf.Import(ctx, address, imports[address]); err != nil {
			return err
		}
	}
	return nil
}

// warnAdoptable says which repositories deploy would adopt, to a user of a target that changes nothing.
func (s *Stack) warnAdoptable(ctx context.Context) error {
	const fix = "%s takes it over as it is"
	unknown, _, err := Compare(ctx, s.Session, s.Held)
	for _, repository := range unknown {
		s.Warn("%s exists, but the state does not know it: "+fix, repository.Name, menu.Typed("deploy"))
	}
	for _, repository := range s.tainted() {
		s.Warn("%s was being created when a run was interrupted: "+fix, repository.Name, menu.Typed("deploy"))
	}
	return err
}

// tainted are the repositories of the state that an interrupted run did not finish creating.
func (s *Stack) tainted() []state.Repository {
	return slices.DeleteFunc(slices.Clone(s.Held), func(r state.Repository) bool { return !r.Tainted })
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
	answers := make([]error, len(s.Settings.Repositories))
	var all sync.WaitGroup
	for i, repository := range s.Settings.Repositories {
		all.Go(func() { _, answers[i] = ecr.Find(ctx, client, repository.Name) })
	}
	all.Wait()
	for i, repository := range s.Settings.Repositories {
		isHeld := func(h state.Repository) bool { return h.Name == repository.Name }
		switch err := answers[i]; {
		case ecr.Missing(err):
			missing = append(missing, repository)
		case err != nil:
			return nil, nil, s.AWS.Explain(err)
		case !slices.ContainsFunc(held, isHeld):
			unknown = append(unknown, repository)
		}
	}
	return unknown, missing, nil
}
