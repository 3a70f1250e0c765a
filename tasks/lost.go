package tasks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/ecr"
	"envoy-proxy-poc/tasks/terraform"
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
	return count(l.images, "image", "images")
}

// lost counts the images of the repositories that a plan deletes or replaces, by address.
func (d *driver) lost(ctx context.Context, plan terraform.Plan) (map[string]loss, error) {
	doomed := plan.Deletes("aws_ecr_repository")
	if doomed == nil {
		return nil, nil
	}
	client, err := d.ecr(ctx)
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
		return nil, d.explain(err)
	}
	lost := map[string]loss{}
	for i, address := range doomed {
		lost[address] = losses[i]
	}
	return lost, nil
}

// nameOf is the repository that the state has at an address, or had before the plan moves it.
func (d *driver) nameOf(plan terraform.Plan, address string) string {
	from := address
	for _, change := range plan.Actions {
		if change.Address == address && change.From != "" {
			from = change.From
		}
	}
	for _, repository := range d.held {
		if repository.Address == from {
			return repository.Name
		}
	}
	return ""
}

// refuseDeletes keeps a repository, and with it every image, from going by a mere edit of locals.tf.
func refuseDeletes(lost map[string]loss, allowed bool) error {
	if len(lost) == 0 || allowed {
		return nil
	}
	var doomed []string
	for _, address := range slices.Sorted(maps.Keys(lost)) {
		doomed = append(doomed, fmt.Sprintf("%s (%s)", address, lost[address]))
	}
	return console.Hint(fmt.Errorf("refusing a plan that deletes or replaces %s", strings.Join(doomed, ", ")),
		"if that is meant, empty it while it is still in locals.tf (%s), then: %s", typed("ecr:cleanup -repo=NAME"), typed("deploy -allowDelete"))
}
