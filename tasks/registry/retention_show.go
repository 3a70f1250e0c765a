package registry

import (
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

func showRetention(c *console.Console, report retentionReport) {
	var rows [][]string
	for _, repository := range report.Repositories {
		for _, image := range repository.Images {
			rows = append(rows, []string{
				repository.Name, console.ShortDigest(image.Digest), console.Time(image.PushedAt), console.Bytes(image.SizeBytes),
				action(image), fmt.Sprint(image.Rule), console.Dash(marks(image.InUse != "", image.Newest, false, false)),
				console.List(image.Tags),
			})
		}
	}
	if rows != nil {
		c.Table([]string{"REPOSITORY", "IMAGE", "PUSHED", "SIZE", "WITHIN 24 HOURS", "RULE", "NOTE", "TAGS"}, rows)
		c.Answer("")
	}
	var sums [][]string
	for _, r := range report.Repositories {
		images, expire, size, archive := fmt.Sprint(r.ImageCount), "-", "-", "-"
		switch {
		case r.Error != "":
			images = "unknown"
		case !r.Exists:
			images = "missing"
		case !r.Policy:
			expire = "no policy"
		default:
			expire, size = fmt.Sprint(r.Expires.Images), console.Bytes(r.Expires.Bytes)
			archive = fmt.Sprint(r.Transitions.Images)
		}
		sums = append(sums, []string{r.Name, images, expire, size, archive})
	}
	c.Table([]string{"REPOSITORY", "IMAGES", "EXPIRE", "SIZE", "TO ARCHIVE"}, sums)
}

func action(image ecr.Leaving) string {
	if image.To != "" {
		return "to " + strings.ToLower(image.To)
	}
	return image.Action
}

// until is the time before which a rule takes nothing.
func until(rule ecr.RetentionRule) string {
	if rule.NotBefore == nil {
		return "now"
	}
	return "before " + console.Time(rule.NotBefore)
}

// unmatched is why a rule matches no image.
func unmatched(rule ecr.RetentionRule) string {
	if rule.Claimed > 0 {
		return fmt.Sprintf("earlier rules come first for the %s that it is about",
			console.Count(rule.Claimed, "image", "images"))
	}
	return "there is no such image"
}

func warnRetention(c *console.Console, report retentionReport) {
	for _, repository := range report.Repositories {
		if repository.Error != "" {
			continue
		}
		if repository.Exists && !repository.Policy {
			c.Say("%s has no lifecycle policy: nothing goes", repository.Name)
		}
		for _, rule := range repository.Rules {
			switch {
			case rule.Takes > 0:
			case rule.Matches == 0 && repository.ImageCount > 0:
				c.Warn("%s: rule %d (%s) matches nothing: %s", repository.Name, rule.Priority, rule.Images, unmatched(rule))
			default:
				c.Say("%s: rule %d (%s) takes nothing %s", repository.Name, rule.Priority, rule.Images, until(rule))
			}
		}
		for _, image := range repository.Images {
			if image.Newest {
				c.Warn("%s: rule %d takes the newest image, %s", repository.Name, image.Rule, console.ShortDigest(image.Digest))
			}
			if slices.Contains(image.Tags, "latest") {
				c.Warn("%s: rule %d takes latest, %s", repository.Name, image.Rule, console.ShortDigest(image.Digest))
			}
		}
	}
	if n := len(report.Elsewhere); n > 0 {
		c.Warn("of %s in use, %d are in none of these repositories", console.Count(len(report.InUse), "digest", "digests"), n)
	}
}
