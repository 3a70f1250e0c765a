package images

import (
	"cmp"
	"context"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// gated is what -failOn adds to the JSON of an image.
type gated struct {
	Passed   *bool      `json:"passed"`   // null when ECR cannot look into it
	Findings ecr.Counts `json:"findings"` // of the platform that has most of each severity
}

// verdict is for people; of no gate a dash.
func (g *gated) verdict() string {
	switch {
	case g == nil:
		return "-"
	case g.Passed == nil:
		return session.NotScanned
	}
	return map[bool]string{true: "passed", false: "not passed"}[*g.Passed] + "; findings: " +
		console.Dash(g.Findings.String())
}

// judge waits for the scan of an image, judges it, and notes in said what it found. It returns the image's tags.
func judge(ctx context.Context, s *session.Session, g session.Gate, in destination, app, digest string, said *gated,
) ([]string, error) {
	name := s.Repository(app)
	s.Say("%s: waiting for the scan, at most %s", app, g.Wait)
	scanned, err := g.Scan(ctx, s.Console, in.client, name, digest)
	if err != nil || len(scanned.Images) == 0 { // then its repository is gone
		return nil, s.AWS.Explain(cmp.Or(err, ecr.ErrNoImage))
	}
	session.WarnScans(s.Console, []ecr.Scanned{scanned})
	err = g.Judge([]ecr.Scanned{scanned}, func(more ...string) string {
		words := []string{"-repo=" + name, "-image=" + digest, "-failOn=" + g.FailOn}
		return menu.Typed("ecr:scan", append(words, more...)...)
	})
	said.Passed = new(err == nil)
	scanned.Each(func(_ ecr.ScannedImage, scan ecr.PlatformScan) {
		for severity, n := range scan.Counts {
			said.Findings[severity] = max(said.Findings[severity], n)
		}
		if err == nil && !scan.Result.Known() {
			said.Passed = nil
		}
	})
	return scanned.Images[0].Tags, err
}

// summarise tells the log what the gate said, and GitHub's summary what was pushed.
func (p *PlannedPush) summarise(pushed []pushedImage) {
	var rows [][]string
	for _, one := range pushed {
		result := one.verdict()
		if one.gated != nil {
			p.Say("%s: %s", one.App, result)
		}
		digest := "`" + console.ShortDigest(one.Digest) + "`"
		rows = append(rows, []string{
			"`" + one.App + "`", digest, console.List(one.Tags), console.Bytes(one.SentBytes), result,
		})
	}
	title := map[bool]string{true: "Would be pushed", false: "Pushed"}[p.options.DryRun]
	p.session.Project.Summarise(console.Markdown(title, []string{"IMAGE", "DIGEST", "TAGS", "SENT", "SCAN"}, rows))
}
