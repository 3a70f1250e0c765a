package registry

import (
	"fmt"

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

// AnnounceCleanup says how many images are about to be deleted, and which.
func AnnounceCleanup(c *console.Console, decisions []ecr.Decision) {
	for _, d := range decisions {
		switch {
		case d.Missing:
			c.Say("%s: no such repository, nothing to delete", d.Repository)
		case len(d.Images) == 0 && d.Filter.All():
			c.Say("%s: no images; empty, verified", d.Repository)
		case len(d.Images) == 0:
			c.Say("%s: nothing to delete, %s kept", d.Repository, console.Count(d.Stay, "manifest", "manifests"))
		default:
			c.Say("%s: %s", d.Repository, stake(d))
			nameImages(c, d)
		}
	}
}

func nameImages(c *console.Console, d ecr.Decision) {
	if d.Tops == 0 {
		return
	}
	var rows [][]string
	for _, row := range d.Rows {
		rows = append(rows, []string{rowTags(row), console.ShortDigest(row.Digest), console.Time(row.PushedAt)})
	}
	c.Say("%s", console.TableText([]string{"TAGS", "DIGEST", "PUSHED"}, rows))
	if more := d.Tops - len(rows); more > 0 {
		c.Say("and %d more", more)
	}
}

// Images counts what decisions delete: images as ecr:status does, and manifests in brackets. Of a large repository that
// is emptied only the manifests are known.
func Images(decisions ...ecr.Decision) string {
	images, manifests, known := 0, 0, true
	for _, d := range decisions {
		images, manifests = images+d.Tops, manifests+len(d.Images)
		known = known && (d.Tops > 0 || len(d.Images) == 0)
	}
	text := console.Count(manifests, "manifest", "manifests")
	switch {
	case !known:
		return text
	case images == manifests:
		return console.Count(images, "image", "images")
	}
	return fmt.Sprintf("%s (%s)", console.Count(images, "image", "images"), text)
}

func stake(d ecr.Decision) string {
	text := fmt.Sprintf("%s to delete, %s", Images(d), console.Bytes(d.SizeBytes))
	if d.Archived > 0 {
		text += fmt.Sprintf(", %d archived (AWS bills an archived image for 90 days at least)", d.Archived)
	}
	if !d.Filter.All() {
		text += fmt.Sprintf("; %s kept", console.Count(d.Stay, "manifest", "manifests"))
	}
	return text
}

func showDryRun(c *console.Console, decisions []ecr.Decision) {
	for _, d := range decisions {
		for _, image := range d.Images {
			c.Answer("%s@%s %s", d.Repository, image.Digest, console.List(image.Tags))
		}
	}
}

// namedImages is how many of the kept images are named; of the rest, the number is told.
const namedImages = 5

func sayIncidents(c *console.Console, d ecr.Decision, r ecr.Report) {
	if r.Pushed > 0 {
		c.Warn("%s: %s pushed in the meantime", d.Repository, console.Count(r.Pushed, "image was", "images were"))
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
