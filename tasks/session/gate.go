package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
)

// DefaultScanWait is how long a [Gate] waits for scans that are under way.
const DefaultScanWait = 5 * time.Minute

// Gate says yes or no to images by what ECR's scans found in them. Its fields are flags.
type Gate struct {
	FailOn string        // findings of this severity or worse refuse; empty for no gate
	Strict bool          // an image without a result refuses too
	Wait   time.Duration // for scans that are under way
}

// Check refuses flags that make no sense.
func (g *Gate) Check() error {
	if g.FailOn != "" {
		threshold, err := ecr.Threshold(g.FailOn)
		if err != nil {
			return Mistake(fmt.Errorf("-failOn: %w", err))
		}
		g.FailOn = string(threshold)
	}
	return nil
}

// Scan reads the scans of an image of a repository, all its platforms. It says when it starts one, and shows progress.
func (g Gate) Scan(ctx context.Context, c *console.Console, api *ecr.Client, name, image string) (ecr.Scanned, error) {
	bar := c.Progress(name)
	defer bar.Done()
	return ecr.Scan(ctx, api, name, ecr.ScanOptions{
		Image: image, Wait: g.Wait,
		Started: func(digest string) {
			c.Say("%s: %s was never scanned: a scan is started", name, console.ShortDigest(digest))
		},
		Progress: func(done, total int) { bar.Count(int64(done), int64(total), "scans") },
	})
}

// Judge looks at all platforms of images; nil is a yes. A no exits 3. An image without a result to judge by exits 1, or
// 3 where the gate is strict. again is the ecr:scan of the same, with more flags, as a user types it.
func (g Gate) Judge(repositories []ecr.Scanned, again func(more ...string) string) error {
	var bad, unknown []string
	var pending, unsupported bool
	for _, repository := range repositories {
		repository.Each(func(image ecr.ScannedImage, scan ecr.PlatformScan) {
			name, isUnsupported := ScanName(repository, image, scan), scan.Result == ecr.ScanUnsupported
			switch {
			case g.FailOn != "" && scan.Counts.From(ecr.Severity(g.FailOn)) > 0:
				bad = append(bad, fmt.Sprintf("%s: %s", name, scan.Counts))
			case !scan.Result.Known() && (g.Strict || g.FailOn != "" && !isUnsupported):
				unknown = append(unknown, fmt.Sprintf("%s: %s", name, scan.Result))
				pending, unsupported = pending || scan.Result == ecr.ScanPending, unsupported || isUnsupported
			}
		})
	}
	err := fmt.Errorf("no result to judge by:%s", console.Indent(unknown))
	switch {
	case bad != nil:
		err = fmt.Errorf("findings of severity %s or worse:%s", g.FailOn, console.Indent(append(bad, unknown...)))
		err = hint.Add(err, "all findings, and the versions that fix them where ECR names any: %s", again("-json"))
	case unknown == nil:
		return nil
	case pending:
		err = hint.Add(err, "give the scan longer: %s", again("-wait=15m"))
	case unsupported:
		err = hint.Add(err, "leave out -strict: then images that ECR cannot look into pass")
	default:
		err = hint.Add(err, "remove the reasons above, then judge again: %s", again())
	}
	if bad != nil || g.Strict {
		return Refuse(err)
	}
	return err
}

// NotScanned is the result of an image that ECR's scanner knows nothing in.
const NotScanned = "not scanned by ECR (scratch): build:vulns is the gate"

// WarnScans says why there is no result where there is none.
func WarnScans(c *console.Console, repositories []ecr.Scanned) {
	for _, repository := range repositories {
		repository.Each(func(image ecr.ScannedImage, scan ecr.PlatformScan) {
			why := strings.TrimSuffix(string(scan.Result)+": "+scan.Reason, ": ")
			if scan.Result == ecr.ScanUnsupported && scan.Status != "" { // by a scan that was made
				why = NotScanned
			}
			if !scan.Result.Known() {
				c.Warn("%s: %s", ScanName(repository, image, scan), why)
			}
		})
	}
}

// ScanName names one platform of an image, for errors and warnings.
func ScanName(repository ecr.Scanned, image ecr.ScannedImage, scan ecr.PlatformScan) string {
	name := repository.Name + "@" + console.ShortDigest(scan.Digest)
	if len(image.Tags) > 0 {
		name = repository.Name + ":" + image.Tags[len(image.Tags)-1]
	}
	return strings.TrimSpace(name + " " + scan.Platform)
}
