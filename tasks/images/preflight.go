package images

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// destination is where one app's image goes.
type destination struct {
	*image.Destination
	mutability string
	exclusions []string
}

// movable is whether a tag that exists may be pointed at another image.
func (d destination) movable(tag string) bool { return image.Movable(tag, d.mutability, d.exclusions) }

// Preflight asks everything that would make a push fail, before anything is built: whether the repositories are there,
// in the account that locals.tf pins, whether the registry takes the credential, and whether a repository that lets no
// tag move has one of the tags already. With unmade, repositories that are still to be made are left out.
func (p *PlannedPush) Preflight(ctx context.Context, unmade bool) error {
	if err := p.ReachAll(ctx, unmade); err != nil {
		return err
	}
	return p.tagsTaken(ctx)
}

// ReachAll finds all repositories and shakes hands with the registry for each, all at once.
func (p *PlannedPush) ReachAll(ctx context.Context, unmade bool) error {
	client, err := p.building.session.AWS.ECR(ctx)
	if err != nil {
		return err
	}
	auth := &image.Renewing{Fetch: fetchToken(client)}
	p.destinations = make([]destination, len(p.building.apps))
	faults := make([]error, len(p.building.apps))
	var group sync.WaitGroup
	for i, app := range p.building.apps {
		group.Go(func() { p.destinations[i], faults[i] = dialRepository(ctx, p.building.session, client, app, auth) })
	}
	group.Wait()
	missing := p.missing(faults)
	if missing != nil && !unmade {
		return explainMissing(ctx, p.building.session, missing)
	}
	return p.building.session.AWS.Explain(session.Distinct(faults))
}

// missing takes the repositories that do not exist out of the faults.
func (p *PlannedPush) missing(faults []error) []string {
	var names []string
	for i, fault := range faults {
		if ecr.Missing(fault) {
			name, _ := p.building.session.Repository(p.building.apps[i])
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
func dialRepository(ctx context.Context, s *session.Session, client *awsecr.Client, app string,
	auth authn.Authenticator) (destination, error) {
	name, _ := s.Repository(app)
	found, err := ecr.Find(ctx, client, name)
	if err != nil {
		return destination{}, err
	}
	if s.AWS.Pinned != "" && found.Registry != s.AWS.Pinned {
		return destination{}, hint.Add(
			fmt.Errorf("repository %q is in account %s, and locals.tf pins account %s", name, found.Registry, s.AWS.Pinned),
			"use a profile of that account: AWS_PROFILE=NAME %s", menu.Typed("push:"+app))
	}
	registry, repository, _ := strings.Cut(found.URI, "/")
	to, err := image.Dial(ctx, image.Target{Registry: registry, Repository: repository, Auth: auth}, image.Options{})
	return destination{to, found.Mutability, found.Exclusions}, explainRegistry(s, err)
}

// explainMissing names all repositories that are missing at once, and where they are missing.
func explainMissing(ctx context.Context, s *session.Session, names []string) error {
	who, err := s.AWS.Identify(ctx)
	if err != nil {
		return err
	}
	text := "repository %s does not exist in %s"
	if len(names) > 1 {
		text = "repositories %s do not exist in %s"
	}
	return hint.Add(fmt.Errorf(text, strings.Join(names, " and "), who), "make what is missing: %s", menu.Typed("deploy"))
}

// chosen are the tags of one app's image. Where no tag can move, latest is left out of the default ones.
func (p *PlannedPush) chosen(i int) image.Tags {
	return image.ChooseTags(p.building.revision, p.now, p.explicit, p.destinations[i].movable)
}

// tagsTaken finds the tags that a repository has already and does not let move.
func (p *PlannedPush) tagsTaken(ctx context.Context) error {
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
		taken, err := to.Taken(ctx, fixed, p.building.revision.String())
		if err != nil {
			faults = append(faults, explainRegistry(p.building.session, err))
		}
		for _, t := range taken {
			faults = append(faults, hint.Add(
				fmt.Errorf("%s: tag %q is taken by %s, and the repository lets no tag move", p.building.apps[i], t.Tag, t.Digest),
				"push under a tag that is free: %s", menu.Typed("push:"+p.building.apps[i]+" -tag=NAME")))
		}
	}
	return errors.Join(faults...)
}

// explainRegistry adds what to do to a registry's refusal.
func explainRegistry(s *session.Session, err error) error {
	switch {
	case errors.Is(err, image.ErrUnauthorized), errors.Is(err, image.ErrDenied):
		return hint.Add(err,
			"AWS issued the token of %s, and the registry does not take it: it lacks a right (ecr:InitiateLayerUpload and its like), or a policy of the repository or the network denies it",
			s.AWS.Whose())
	case errors.Is(err, image.ErrNoRepository):
		return hint.Add(err, "make it: %s", menu.Typed("deploy"))
	case errors.Is(err, image.ErrTagImmutable):
		return hint.Add(err, "push under a tag that is free: -tag=NAME")
	case errors.Is(err, image.ErrNotThere):
		return hint.Add(err, "see what is there: %s", menu.Typed("ecr:status"))
	}
	return err
}
