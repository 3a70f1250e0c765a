package registry

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

// sayWhere says where the images are. The account is the one that ECR itself names.
func (c *Cleaner) sayWhere(decisions []ecr.Decision) {
	for _, d := range decisions {
		if d.Registry != "" {
			account := c.session.AWS
			c.session.Say("%s", session.Identity{
				Account: d.Registry, Profile: account.Profile, Region: account.Region,
				Endpoint: aws.ToString(c.client.Options().BaseEndpoint),
			})
			break
		}
	}
}

// AnnounceCleanup says how many images are about to be deleted. Where a filter selects the image tagged latest, it
// warns: people may not expect that.
func AnnounceCleanup(c *console.Console, decisions []ecr.Decision) {
	for _, d := range decisions {
		switch {
		case d.Missing:
			c.Say("%s: no such repository, nothing to delete", d.Repository)
		case len(d.Images) == 0 && d.Filter.All():
			c.Say("%s: no images; empty, verified", d.Repository)
		case len(d.Images) == 0:
			c.Say("%s: nothing to delete, %d stay", d.Repository, d.Stay)
		default:
			c.Say("%s: %s", d.Repository, stake(d))
			if !d.Filter.All() && takesLatest(d) {
				c.Warn("%s: this takes the image tagged latest", d.Repository)
			}
		}
	}
}

func takesLatest(d ecr.Decision) bool {
	return slices.ContainsFunc(d.Images, func(image ecr.Deletion) bool { return slices.Contains(image.Tags, "latest") })
}

// stake is what a decision would cost.
func stake(d ecr.Decision) string {
	text := fmt.Sprintf("%s to delete, %s", console.Count(len(d.Images), "image", "images"), console.Bytes(d.SizeBytes))
	if d.Archived > 0 {
		text += fmt.Sprintf(", %d archived (AWS bills an archived image for 90 days at least)", d.Archived)
	}
	if !d.Filter.All() {
		text += fmt.Sprintf("; %d stay", d.Stay)
	}
	return text
}

func showDryRun(c *console.Console, decisions []ecr.Decision) {
	total := 0
	for _, d := range decisions {
		for _, image := range d.Images {
			c.Answer("%s@%s %s", d.Repository, image.Digest, console.List(image.Tags))
		}
		total += len(d.Images)
	}
	c.Say("%s would be deleted; nothing was", console.Count(total, "image", "images"))
}

// namedImages is how many of the kept images are named; of the rest, the number is told.
const namedImages = 5

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
