package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/smithy-go"
	"github.com/google/go-containerregistry/pkg/authn"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
)

// destination is where one app's image goes.
type destination struct {
	*image.Destination
	mutability string
	exclusions []string
}

// movable is whether a tag that exists may be pointed at another image.
func (d destination) movable(tag string) bool { return image.Movable(tag, d.mutability, d.exclusions) }

// preflight asks everything that would make a push fail, before anything is built: whether the repositories are there, in the
// account that locals.tf pins, whether the registry takes the credential, and whether a repository that lets no tag move has
// one of the tags already. With unmade, repositories that are still to be made are left out.
func (p *plannedPush) preflight(ctx context.Context, unmade bool) error {
	if err := p.reachAll(ctx, unmade); err != nil {
		return err
	}
	return p.tagsTaken(ctx)
}

// reachAll finds all repositories and shakes hands with the registry for each, all at once.
func (p *plannedPush) reachAll(ctx context.Context, unmade bool) error {
	client, err := p.ecr(ctx)
	if err != nil {
		return err
	}
	auth := &image.Renewing{Fetch: fetchToken(client)}
	p.destinations = make([]destination, len(p.apps))
	faults := make([]error, len(p.apps))
	var group sync.WaitGroup
	for i, app := range p.apps {
		group.Go(func() { p.destinations[i], faults[i] = p.reach(ctx, client, app, auth) })
	}
	group.Wait()
	missing := p.missing(faults)
	if missing != nil && !unmade {
		return p.explainMissing(ctx, missing)
	}
	return p.explain(onceEach(faults))
}

// onceEach joins errors, but of those with one and the same code of AWS, such as expired credentials', keeps the first: the
// other repositories' calls failed of it too.
func onceEach(faults []error) error {
	var distinct []error
	seen := map[string]bool{}
	for _, fault := range faults {
		if said, ok := errors.AsType[smithy.APIError](fault); ok {
			if seen[said.ErrorCode()] {
				continue
			}
			seen[said.ErrorCode()] = true
		}
		distinct = append(distinct, fault)
	}
	return errors.Join(distinct...)
}

// missing takes the repositories that do not exist out of the faults.
func (p *plannedPush) missing(faults []error) []string {
	var names []string
	for i, fault := range faults {
		if ecr.Missing(fault) {
			name, _ := p.repository(p.apps[i])
			names = append(names, fmt.Sprintf("%q", name))
			faults[i] = nil
		}
	}
	return names
}

// fetchToken asks for a credential, which stays in memory.
func fetchToken(client *awsecr.Client) func(context.Context) (authn.AuthConfig, time.Time, error) {
	return func(ctx context.Context) (authn.AuthConfig, time.Time, error) {
		credential, err := ecr.Token(ctx, client)
		return authn.AuthConfig{Username: credential.Username, Password: credential.Password}, credential.ExpiresAt, err
	}
}

// reach finds an app's repository and shakes hands with its registry.
func (s *session) reach(ctx context.Context, client *awsecr.Client, app string, auth authn.Authenticator) (destination, error) {
	name, _ := s.repository(app)
	found, err := ecr.Find(ctx, client, name)
	if err != nil {
		return destination{}, err
	}
	if s.Account != "" && found.Registry != s.Account {
		return destination{}, hint.Add(
			fmt.Errorf("repository %q is in account %s, and locals.tf pins account %s", name, found.Registry, s.Account),
			"use a profile of that account: AWS_PROFILE=NAME %s", typed("push:"+app))
	}
	registry, repository, _ := strings.Cut(found.URI, "/")
	to, err := image.Dial(ctx, image.Target{Registry: registry, Repository: repository, Auth: auth}, image.Options{})
	return destination{to, found.Mutability, found.Exclusions}, s.explainRegistry(err)
}

// explainMissing names all repositories that are missing at once, and where they are missing.
func (s *session) explainMissing(ctx context.Context, names []string) error {
	who, err := s.identify(ctx)
	if err != nil {
		return err
	}
	text := "repository %s does not exist in %s"
	if len(names) > 1 {
		text = "repositories %s do not exist in %s"
	}
	return hint.Add(fmt.Errorf(text, strings.Join(names, " and "), who), "make what is missing: %s", typed("deploy"))
}

// chosen are the tags of one app's image. Where no tag can move, latest is left out of the default ones.
func (p *plannedPush) chosen(i int) image.Tags {
	return image.ChooseTags(p.revision, p.now, p.explicit, p.destinations[i].movable)
}

// tagsTaken finds the tags that a repository has already and does not let move.
func (p *plannedPush) tagsTaken(ctx context.Context) error {
	var faults []error
	for i, to := range p.destinations {
		var fixed []string
		for _, tag := range p.chosen(i).Fixed {
			if !to.movable(tag) {
				fixed = append(fixed, tag)
			}
		}
		if to.Destination == nil || len(fixed) == 0 {
			continue
		}
		taken, err := to.Taken(ctx, fixed, p.revision.String())
		if err != nil {
			faults = append(faults, p.explainRegistry(err))
		}
		for _, t := range taken {
			faults = append(faults, hint.Add(
				fmt.Errorf("%s: tag %q is taken by %s, and the repository lets no tag move", p.apps[i], t.Tag, t.Digest),
				"push under a tag that is free: %s", typed("push:"+p.apps[i]+" -tag=NAME")))
		}
	}
	return errors.Join(faults...)
}

// explainRegistry adds what to do to a registry's refusal.
func (s *session) explainRegistry(err error) error {
	switch {
	case errors.Is(err, image.ErrUnauthorized), errors.Is(err, image.ErrDenied):
		return hint.Add(err, "AWS issued the token of %s, and the registry does not take it: it lacks a right (ecr:InitiateLayerUpload and its like), or a policy of the repository or the network denies it",
			s.whose())
	case errors.Is(err, image.ErrNoRepository):
		return hint.Add(err, "make it: %s", typed("deploy"))
	case errors.Is(err, image.ErrTagImmutable):
		return hint.Add(err, "push under a tag that is free: -tag=NAME")
	case errors.Is(err, image.ErrNotThere):
		return hint.Add(err, "see what is there: %s", typed("ecr:status"))
	}
	return err
}

// whose names where the credentials come from.
func (s *session) whose() string {
	if s.Profile == "" {
		return "the environment's credentials"
	}
	return fmt.Sprintf("profile %q", s.Profile)
}
