package registry

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

// sayWhere shows where the images are. The account is the one that ECR itself names.
func sayWhere(s *session.Session, client *awsecr.Client, decisions []ecr.Decision) {
	for _, d := range decisions {
		if d.Registry != "" {
			endpoint := aws.ToString(client.Options().BaseEndpoint)
			s.Say("%s", session.Identity{Account: d.Registry, Profile: s.AWS.Profile, Region: s.AWS.Region, Endpoint: endpoint})
			break
		}
	}
}

// SayAtStake shows how many images go. That all go is clear without a filter; with one, the image that people run may
// be a surprise.
func SayAtStake(c *console.Console, decisions []ecr.Decision) {
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

func showDoomed(c *console.Console, decisions []ecr.Decision) {
	total := 0
	for _, d := range decisions {
		for _, image := range d.Images {
			c.Answer("%s@%s %s", d.Repository, image.Digest, console.List(image.Tags))
		}
		total += len(d.Images)
	}
	c.Say("%s would be deleted; nothing was", console.Count(total, "image", "images"))
}
