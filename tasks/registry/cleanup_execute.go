package registry

import (
	"context"
	"errors"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/session"
)

// named is how many images a story names of those that are alike.
const named = 5

// empty executes a decision and tells what came of it. Its errors end with what to type next: again is the command that
// goes on.
func ExecuteCleanup(ctx context.Context, s *session.Session, client *awsecr.Client, d ecr.Decision,
	again string) error {
	if d.Missing {
		return nil
	}
	bar := s.Progress(d.Repository)
	report, err := d.Execute(ctx, client, func(done, total int) { bar.Count(int64(done), int64(total), "images") })
	bar.Done()
	sayMeanwhile(s.Console, d, report)
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
	return goOn(s, err, again)
}

// sayMeanwhile tells what else a cleanup met.
func sayMeanwhile(c *console.Console, d ecr.Decision, r ecr.Report) {
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
		if i == named {
			c.Say("%s: kept %d more, for the same reason", d.Repository, len(r.Kept)-named)
			break
		}
		c.Say("%s: kept %s: an index needs it", d.Repository, image.Digest)
	}
}

// goOn adds how to go on to what stopped a cleanup.
func goOn(s *session.Session, err error, again string) error {
	remain, remains := errors.AsType[*ecr.RemainError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return hint.Add(err, "to go on where it stopped: %s", again)
	case remains && remain.Pushing:
		return hint.Add(err, "stop what pushes, then go on: %s", again)
	case remains:
		return hint.Add(err, "see to the reasons that ECR gives, then go on: %s", again)
	}
	if explained := s.AWS.Explain(err); !errors.Is(err, explained) {
		return explained
	}
	return hint.Add(err, "to go on where it stopped: %s", again)
}
