package images

import (
	"context"
	"errors"
	"fmt"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
)

// Preflight finds out what would make a push fail, before anything is built: a repository is missing or in another
// account than locals.tf pins, the registry refuses the credential, or a tag is taken and must not move.
func (p *PlannedPush) Preflight(ctx context.Context) error {
	if err := p.Connect(ctx); err != nil {
		return err
	}
	return p.tagsTaken(ctx)
}

// PreflightExisting is [PlannedPush.Preflight] before a deploy: repositories may be missing. [PlannedPush.Connect] has
// to follow it.
func (p *PlannedPush) PreflightExisting(ctx context.Context) (err error) {
	if p.to, _, err = connectExisting(ctx, p.session, p.build.apps); err != nil {
		return err
	}
	return p.tagsTaken(ctx)
}

// Connect finds all repositories and shakes hands with the registry for each.
func (p *PlannedPush) Connect(ctx context.Context) (err error) {
	p.to, err = connect(ctx, p.session, p.build.apps)
	return err
}

// tags are the tags of one app's image. If no tag may move, the default ones are without latest.
func (p *PlannedPush) tags(i int) image.Tags {
	return image.ChooseTags(p.build.source.Revision, p.now, p.explicit, p.to[i].movable)
}

// tagsTaken finds the tags that a repository has already and does not let move.
func (p *PlannedPush) tagsTaken(ctx context.Context) error {
	faults := []error{p.refuseDirty()}
	for i, to := range p.to {
		var fixed []string
		for _, tag := range p.tags(i).Fixed {
			if !to.movable(tag) {
				fixed = append(fixed, tag)
			}
		}
		if to.registry == nil || len(fixed) == 0 {
			continue
		}
		taken, err := to.registry.Taken(ctx, fixed, p.build.source.Revision.String())
		if err != nil {
			faults = append(faults, explainRegistry(p.session.AWS, err))
		}
		app := p.build.apps[i]
		for _, t := range taken {
			faults = append(faults, hint.Add(
				fmt.Errorf("%s: tag %q is taken by %s, and the repository lets no tag move", app, t.Tag, t.Digest),
				"push under a tag that is free: %s", menu.Typed("push:image", app, "-tag=NAME")))
		}
	}
	return errors.Join(faults...)
}
