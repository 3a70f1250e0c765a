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

// loss is what is deleted with a repository that a plan deletes or replaces.
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

// losses counts the images of the repositories that a plan deletes or replaces, by address.
func (s *Stack) losses(ctx context.Context, plan terraform.Plan) (map[string]loss, error) {
	deleted := plan.Deletes("aws_ecr_repository")
	if deleted == nil {
		return nil, nil
	}
	client, err := s.Session.AWS.ECR(ctx)
	if err != nil {
		return nil, err
	}
	counted := make([]loss, len(deleted))
	group, ctx := errgroup.WithContext(ctx)
	for i, address := range deleted {
		counted[i].repository = s.nameOf(plan, address)
		if counted[i].repository == "" {
			continue
		}
		group.Go(func() (err error) {
			counted[i].images, err = ecr.Count(ctx, client, counted[i].repository)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, s.Session.AWS.Explain(err)
	}
	lost := map[string]loss{}
	for i, address := range deleted {
		lost[address] = counted[i]
	}
	return lost, nil
}

// nameOf is the repository that the plan deletes at an address, or that the state had there before the plan moves it.
func (s *Stack) nameOf(plan terraform.Plan, address string) string {
	from := address
	for _, change := range plan.Actions {
		switch {
		case change.Address != address:
		case change.Name != "":
			return change.Name
		case change.From != "":
			from = change.From
		}
	}
	for _, repository := range s.Held {
		if repository.Address == from {
			return repository.Name
		}
	}
	return ""
}

// refuseDeletes refuses a plan that would delete a repository, with every image in it, after a mere edit of locals.tf.
// Even where deletes are allowed it refuses a repository with images: ECR would not delete it, half way through the
// apply. Nor would ECR create one under a new key before the old one is deleted.
func refuseDeletes(s *session.Session, plan terraform.Plan, lost map[string]loss, allowed bool) error {
	blocks, moved := movedBlocks(plan)
	var refused, full []string // full has names of repositories, refused has addresses
	for _, address := range slices.Sorted(maps.Keys(lost)) {
		one := lost[address]
		if one.images > 0 {
			full = append(full, one.repository)
		}
		if !allowed || one.images > 0 || moved[address] {
			refused = append(refused, fmt.Sprintf("%s (%s)", address, one))
		}
	}
	if refused == nil {
		return nil
	}
	text := "refusing a plan that deletes or replaces %s"
	if allowed && full != nil {
		text += ": a repository goes only when it is empty"
	}
	err := fmt.Errorf(text, strings.Join(refused, ", "))
	steps := strings.Join(waysOut(s, full), "; ")
	replaced := func(c terraform.Change) bool {
		return c.Type == "aws_ecr_repository" && (c.Action == "create" || c.Action == "replace")
	}
	switch {
	case blocks != "":
		return hint.Add(err, "a repository has a new key and its old name: add this to %s/moved.tf, then %s%s",
			s.Project.TerraformDir(), menu.Typed("deploy"), blocks)
	case full != nil && slices.ContainsFunc(plan.Actions, replaced):
		return hint.Add(err, `copy the images first: docs/deploying.md, "Keep the images"; if they may go: %s`, steps)
	}
	return hint.Add(err, "if that is meant: %s", steps)
}

// waysOut are the steps to delete repositories with images. ecr:cleanup only works on repositories in locals.tf, so a
// removed one must be added again first.
func waysOut(s *session.Session, full []string) []string {
	var gone, steps []string
	for _, name := range full {
		if _, err := s.RepositoryNames(name); err != nil {
			gone = append(gone, name)
		}
		steps = append(steps, menu.Typed("ecr:cleanup", "-repo="+name))
	}
	if gone != nil {
		steps = slices.Insert(steps, 0, "put "+strings.Join(gone, " and ")+" back into locals.tf")
		steps = append(steps, "take it out again")
	}
	return append(steps, menu.Typed("deploy -allowDelete"))
}
