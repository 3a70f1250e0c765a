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

// judge waits for the scan of a pushed image, judges it, and notes in said what it found. It returns the image's tags.
func (p *PlannedPush) judge(ctx context.Context, i int, said *gated) ([]string, error) {
	name := p.session.Repository(p.build.apps[i])
	digest := p.build.built[i].Digest.String()
	p.Say("%s: waiting for the scan, at most %s", p.build.apps[i], p.options.Gate.Wait)
	scanned, err := p.options.Gate.Scan(ctx, p.Console, p.to[i].client, name, digest)
	if err != nil || len(scanned.Images) == 0 { // then its repository is gone
		return nil, p.session.AWS.Explain(cmp.Or(err, ecr.ErrNoImage))
	}
	session.WarnScans(p.Console, []ecr.Scanned{scanned})
	err = p.options.Gate.Judge([]ecr.Scanned{scanned}, func(more ...string) string {
		words := []string{"-repo=" + name, "-image=" + digest, "-failOn=" + p.options.Gate.FailOn}
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
		result := "-"
		if one.gated != nil {
			if result = session.NotScanned; one.Passed != nil {
				result = map[bool]string{true: "passed", false: "not passed"}[*one.Passed] + "; findings: " +
					console.Dash(one.Findings.String())
			}
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
