package registry

import (
	"context"
	"errors"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
)

// namedImages is how many of the kept images are named; of the rest, the number is told.
const namedImages = 5

// Execute deletes the images of a decision and says how many are gone. Its errors end with what to type next.
func (c *Cleaner) Execute(ctx context.Context, d ecr.Decision) error {
	if d.Missing {
		return nil
	}
	s := c.session
	bar := s.Progress(d.Repository)
	report, err := d.Execute(ctx, c.client, func(done, total int) { bar.Count(int64(done), int64(total), "images") })
	bar.Done()
	sayIncidents(s.Console, d, report)
	images := console.Count(report.Deleted, "image", "images")
	switch {
	case err != nil:
		s.Say("%s: %s deleted before it stopped, %d left", d.Repository, images, report.Left)
	case report.Missing:
		s.Say("%s: %s deleted; the repository is gone meanwhile", d.Repository, images)
	case d.Filter.All():
		s.Say("%s: %s deleted; empty, verified", d.Repository, images)
	default:
		s.Say("%s: %s deleted, %d stay; verified", d.Repository, images, report.Stay)
	}
	return c.goOn(err)
}

// sayIncidents says what else happened during a cleanup.
func sayIncidents(c *console.Console, d ecr.Decision, r ecr.Report) {
	if r.Pushed > 0 {
		c.Warn("%s: %s pushed meanwhile", d.Repository, console.Count(r.Pushed, "image was", "images were"))
	}
	if r.Waited > 0 && len(r.Kept) == 0 {
		c.Say("%s: %s an image waited for a pass, until an index that lists it was gone", d.Repository,
			console.Count(r.Waited, "time", "times"))
	}
	if r.Vanished > 0 {
		c.Say("%s: %s gone already: somebody else deletes, or ECR does along with what an image refers to", d.Repository,
			console.Count(r.Vanished, "image was", "images were"))
	}
	for i, image := range r.Kept {
		if i == namedImages {
			c.Say("%s: kept %d more, for the same reason", d.Repository, len(r.Kept)-namedImages)
			break
		}
		c.Say("%s: kept %s: an index needs it", d.Repository, image.Digest)
	}
}

// goOn adds how to go on to the error that stopped a cleanup.
func (c *Cleaner) goOn(err error) error {
	remain, remains := errors.AsType[*ecr.RemainError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return hint.Add(err, "to go on where it stopped: %s", c.again)
	case remains && remain.Pushing:
		return hint.Add(err, "stop what pushes, then go on: %s", c.again)
	case remains:
		return hint.Add(err, "see to the reasons that ECR gives, then go on: %s", c.again)
	}
	if explained := c.session.AWS.Explain(err); !errors.Is(err, explained) {
		return explained
	}
	return hint.Add(err, "to go on where it stopped: %s", c.again)
}
