package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// loss is what goes with a repository that a plan deletes or replaces.
type loss struct {
	repository string // empty where the state does not tell
	images     int
}

func (l loss) String() string {
	if l.repository == "" {
		return "an unknown number of images"
	}
	return console.Count(l.images, "image", "images")
}

// lost counts the images of the repositories that a plan deletes or replaces, by address.
func (d *Stack) lost(ctx context.Context, plan terraform.Plan) (map[string]loss, error) {
	doomed := plan.Deletes("aws_ecr_repository")
	if doomed == nil {
		return nil, nil
	}
	client, err := d.Session.AWS.ECR(ctx)
	if err != nil {
		return nil, err
	}
	losses := make([]loss, len(doomed))
	group, ctx := errgroup.WithContext(ctx)
	for i, address := range doomed {
		losses[i].repository = d.nameOf(plan, address)
		if losses[i].repository == "" {
			continue
		}
		group.Go(func() (err error) {
			losses[i].images, err = ecr.Count(ctx, client, losses[i].repository)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, d.Session.AWS.Explain(err)
	}
	lost := map[string]loss{}
	for i, address := range doomed {
		lost[address] = losses[i]
	}
	return lost, nil
}

// nameOf is the repository that the state has at an address, or had before the plan moves it.
func (d *Stack) nameOf(plan terraform.Plan, address string) string {
	from := address
	for _, change := range plan.Actions {
		if change.Address == address && change.From != "" {
			from = change.From
		}
	}
	for _, repository := range d.Held {
		if repository.Address == from {
			return repository.Name
		}
	}
	return ""
}

// refuseDeletes keeps a repository, and with it every image, from going by a mere edit of locals.tf. Even where that is
// allowed, one with images is kept: ECR would refuse to delete it, half way through the apply.
func refuseDeletes(s *session.Session, lost map[string]loss, allowed bool) error {
	var doomed, full []string // full are named as the repositories they are
	for _, address := range slices.Sorted(maps.Keys(lost)) {
		one := lost[address]
		if one.images > 0 {
			full = append(full, one.repository)
		}
		if !allowed || one.images > 0 {
			doomed = append(doomed, fmt.Sprintf("%s (%s)", address, one))
		}
	}
	if doomed == nil {
		return nil
	}
	text := "refusing a plan that deletes or replaces %s"
	if allowed {
		text += ": a repository goes only when it is empty"
	}
	return hint.Add(fmt.Errorf(text, strings.Join(doomed, ", ")), "if that is meant: %s",
		strings.Join(waysOut(s, full), "; "))
}

// waysOut are the steps that let repositories with images go. A cleanup touches only what locals.tf names, so what was
// taken out of there comes back for it.
func waysOut(s *session.Session, full []string) []string {
	var gone, cleanups, steps []string
	for _, name := range full {
		if _, err := s.RepositoryNames(name); err != nil {
			gone = append(gone, name)
		}
		cleanups = append(cleanups, menu.Typed("ecr:cleanup -repo="+name))
	}
	if gone != nil {
		steps = append(steps, "put "+strings.Join(gone, " and ")+" back into locals.tf")
	}
	steps = append(steps, cleanups...)
	if gone != nil {
		steps = append(steps, "take it out again")
	}
	return append(steps, menu.Typed("deploy -allowDelete"))
}
