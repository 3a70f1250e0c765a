package tasks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

// sayWhere shows where the images are. The account is the one that ECR itself names.
func (s *session) sayWhere(client *awsecr.Client, decisions []ecr.Decision) {
	for _, d := range decisions {
		if d.Registry != "" {
			endpoint := aws.ToString(client.Options().BaseEndpoint)
			s.Say("%s", identity{Account: d.Registry, Profile: s.Profile, Region: s.Region, Endpoint: endpoint})
			break
		}
	}
}

// sayAtStake shows how many images go. That all go is clear without a filter; with one, the image that people run may be a surprise.
func (s *session) sayAtStake(decisions []ecr.Decision) {
	for _, d := range decisions {
		switch {
		case d.Missing:
			s.Say("%s: no such repository, nothing to delete", d.Repository)
		case len(d.Images) == 0 && d.Filter.All():
			s.Say("%s: no images; empty, verified", d.Repository)
		case len(d.Images) == 0:
			s.Say("%s: nothing to delete, %d stay", d.Repository, d.Stay)
		default:
			s.Say("%s: %s", d.Repository, stake(d))
			if !d.Filter.All() && takesLatest(d) {
				s.Warn("%s: this takes the image tagged latest", d.Repository)
			}
		}
	}
}

func takesLatest(d ecr.Decision) bool {
	return slices.ContainsFunc(d.Images, func(image ecr.Doomed) bool { return slices.Contains(image.Tags, "latest") })
}

// stake is what a decision would cost.
func stake(d ecr.Decision) string {
	text := fmt.Sprintf("%s to delete, %s", count(len(d.Images), "image", "images"), console.Bytes(d.SizeBytes))
	if d.Archived > 0 {
		text += fmt.Sprintf(", %d archived (AWS bills an archived image for 90 days at least)", d.Archived)
	}
	if !d.Filter.All() {
		text += fmt.Sprintf("; %d stay", d.Stay)
	}
	return text
}

func (s *session) showDoomed(decisions []ecr.Decision) {
	total := 0
	for _, d := range decisions {
		for _, image := range d.Images {
			s.Answer("%s@%s %s", d.Repository, image.Digest, tags(image.Tags))
		}
		total += len(d.Images)
	}
	s.Say("%s would be deleted; nothing was", count(total, "image", "images"))
}
