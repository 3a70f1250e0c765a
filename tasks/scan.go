package tasks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/console"
	"envoy-proxy-poc/tasks/ecr"
)

// DefaultScanWait is how long [Scan] waits for scans that are under way.
const DefaultScanWait = 5 * time.Minute

// ScanOptions are the flags of ecr:scan.
type ScanOptions struct {
	FailOn *string // severity from which on findings make the gate say no; nil for no gate
	Strict bool    // an image without a result makes it say no
	Image  string  // tag or digest; empty for the newest
	Wait   time.Duration
	Repo   string // one repository only; empty for all
	JSON   bool
}

// scanReport is what ecr:scan -json prints.
type scanReport struct {
	Region       string        `json:"region"`
	FailOn       ecr.Severity  `json:"failOn,omitempty"`
	Strict       bool          `json:"strict"`
	Passed       bool          `json:"passed"` // the exit code is 0
	Repositories []ecr.Scanned `json:"repositories"`
}

// Scan shows what ECR's scans found in the newest image of each repository, or in one that is named.
//
// As a gate it exits 3 for findings of the severity -failOn or worse. What a gate cannot know must not pass in silence: a scan that
// is pending after the wait, failed, expired, or was never made is exit code 1 under -failOn. Unsupported passes with a warning,
// because it is what basic scanning says of every image from scratch, whatever is in it. Under -strict all of these are a no: exit
// code 3. Without either flag the findings are only shown.
func Scan(ctx context.Context, flags Account, o ScanOptions) error {
	report := scanReport{Strict: o.Strict}
	if o.FailOn != nil {
		threshold, err := ecr.Threshold(*o.FailOn)
		if err != nil {
			return fmt.Errorf("-failOn: %w", err)
		}
		report.FailOn = threshold
	}
	if o.Wait < 0 {
		return fmt.Errorf("-wait=%s: want 0s or more", o.Wait)
	}
	s, err := open(flags)
	if err != nil {
		return err
	}
	names, err := s.repositories(o.Repo)
	if err != nil {
		return err
	}
	client, err := s.ecr(ctx)
	if err != nil {
		return err
	}
	report.Region, report.Repositories = s.Region, make([]ecr.Scanned, len(names))
	failed := s.scan(ctx, client, names, o, report.Repositories)
	if ctx.Err() != nil {
		return interrupted{ctx.Err()}
	}
	verdict := report.verdict(o.Image)
	report.Passed = failed == nil && verdict == nil
	if o.JSON {
		err = s.JSON(report)
	} else {
		s.showScans(report.Repositories)
	}
	s.warnScans(report.Repositories)
	return conclude(errors.Join(err, s.Err(), failed), verdict)
}

// conclude is how a target ends that has a gate: a no stays one when something else failed too.
func conclude(failed, verdict error) error {
	switch {
	case mg.ExitStatus(verdict) == refused:
		return mg.Fatal(refused, errors.Join(failed, verdict))
	case failed != nil:
		return failed
	}
	return verdict
}

// scan asks for all repositories at once. One that fails hides none of the others.
func (s *session) scan(ctx context.Context, client ecr.ScanAPI, names []string, o ScanOptions, out []ecr.Scanned) error {
	return s.explain(each(names, func(i int, name string) (err error) {
		bar := s.Progress(name)
		defer bar.Done()
		out[i], err = ecr.Scan(ctx, client, name, ecr.ScanOptions{
			Image: o.Image, Wait: o.Wait,
			Started:  func(digest string) { s.Say("%s: %s was never scanned: a scan is started", name, shortDigest(digest)) },
			Progress: func(done, total int) { bar.Count(int64(done), int64(total), "scans") },
		})
		if errors.Is(err, ecr.ErrNoImage) { // in this repository: the verdict says so
			return nil
		}
		out[i].Error = text(err)
		return err
	}))
}

// verdict is what the gate says: nil is a yes.
func (r scanReport) verdict(asked string) error {
	bad, unknown, absent := r.judge()
	// mg.Fatal outermost: Mage reads the exit code of nothing that is wrapped.
	switch {
	case bad != nil:
		return mg.Fatal(refused, console.Hint(fmt.Errorf("findings of severity %s or worse:%s", r.FailOn, lines(slices.Concat(bad, unknown))),
			"all findings, and what to update: %s", typed("ecr:scan -json")))
	case r.Strict && unknown != nil:
		return mg.Fatal(refused, console.Hint(fmt.Errorf("images without a result:%s", lines(unknown)), "%s", r.wayOut()))
	case missingScans(r.Repositories) != nil:
		return missing(statusReport{Region: r.Region, Repositories: missingScans(r.Repositories)})
	case absent != nil && asked != "":
		return console.Hint(fmt.Errorf("no image %q in %s", asked, strings.Join(absent, ", ")), "see what is there: %s; or name one repository: -repo=NAME", typed("ecr:status"))
	case !r.Strict && r.FailOn == "":
		return nil
	case unknown != nil:
		return console.Hint(fmt.Errorf("no result to judge by:%s", lines(unknown)), "%s", r.wayOut())
	case absent != nil:
		return console.Hint(fmt.Errorf("no image to judge in %s", strings.Join(absent, ", ")), "push one first: %s", typed("push:all"))
	}
	return nil
}

// judge sorts out what speaks against a yes: findings, images without a result, repositories without an image.
func (r scanReport) judge() (bad, unknown, absent []string) {
	for _, repository := range r.Repositories {
		if repository.Exists && repository.Error == "" && len(repository.Images) == 0 {
			absent = append(absent, repository.Name)
		}
		eachScan(repository, func(image ecr.ScannedImage, scan ecr.PlatformScan) {
			what := scanned(repository, image, scan)
			switch {
			case r.FailOn != "" && scan.Counts.From(r.FailOn) > 0:
				bad = append(bad, fmt.Sprintf("%s: %s", what, scan.Counts))
			case !scan.Result.Known() && (r.Strict || scan.Result != ecr.ScanUnsupported):
				unknown = append(unknown, fmt.Sprintf("%s: %s", what, scan.Result))
			}
		})
	}
	return bad, unknown, absent
}

// wayOut is what to do about images without a result.
func (r scanReport) wayOut() string {
	var pending, unsupported bool
	for _, repository := range r.Repositories {
		eachScan(repository, func(_ ecr.ScannedImage, scan ecr.PlatformScan) {
			pending = pending || scan.Result == ecr.ScanPending
			unsupported = unsupported || scan.Result == ecr.ScanUnsupported
		})
	}
	switch {
	case pending:
		return "give the scan longer: " + typed("ecr:scan -wait=15m")
	case unsupported && r.Strict:
		return "without -strict, images that ECR cannot look into pass: " + typed("ecr:scan -failOn=critical")
	}
	return "the reasons are above; to judge another image: " + typed("ecr:scan -image=TAG")
}

func missingScans(repositories []ecr.Scanned) []ecr.Repository {
	var out []ecr.Repository
	for _, repository := range repositories {
		if !repository.Exists && repository.Error == "" {
			out = append(out, ecr.Repository{Name: repository.Name})
		}
	}
	return out
}

func eachScan(repository ecr.Scanned, visit func(ecr.ScannedImage, ecr.PlatformScan)) {
	for _, image := range repository.Images {
		for _, scan := range image.Scans {
			visit(image, scan)
		}
	}
}

// scanned names one platform of an image, for errors and warnings.
func scanned(repository ecr.Scanned, image ecr.ScannedImage, scan ecr.PlatformScan) string {
	name := repository.Name + "@" + shortDigest(scan.Digest)
	if len(image.Tags) > 0 {
		name = repository.Name + ":" + image.Tags[len(image.Tags)-1]
	}
	if slices.Contains(image.Tags, "latest") {
		name = repository.Name + ":latest"
	}
	if scan.Platform != "" {
		name += " " + scan.Platform
	}
	return name
}

// lines puts a list below the sentence that begins it.
func lines(items []string) string { return "\n  " + strings.Join(items, "\n  ") }
