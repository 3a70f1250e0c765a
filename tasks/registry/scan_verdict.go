package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// verdict is the answer of the gate: nil is a yes. missing is the error about repositories that do not exist.
func (r scanReport) verdict(missing error) error {
	bad, unknown, absent := r.judge()
	// mg.Fatal outermost: Mage reads the exit code of nothing that is wrapped.
	switch {
	case bad != nil:
		return mg.Fatal(session.Refused,
			hint.Add(fmt.Errorf("findings of severity %s or worse:%s", r.FailOn, console.Indent(slices.Concat(bad, unknown))),
				"%s: %s", r.offers(), r.again("-json")))
	case r.Strict && unknown != nil:
		return mg.Fatal(session.Refused,
			hint.Add(fmt.Errorf("images without a result:%s", console.Indent(unknown)), "%s", r.wayOut()))
	case missing != nil:
		return missing
	case absent != nil && r.options.Image != "":
		return hint.Add(fmt.Errorf("no image %q in %s", r.options.Image, strings.Join(absent, ", ")),
			"see what is there: %s; or name one repository: -repo=NAME", menu.Typed("ecr:status"))
	case !r.Strict && r.FailOn == "":
		return nil
	case unknown != nil:
		return hint.Add(fmt.Errorf("no result to judge by:%s", console.Indent(unknown)), "%s", r.wayOut())
	case absent != nil:
		return hint.Add(fmt.Errorf("no image to judge in %s", strings.Join(absent, ", ")),
			"push one first: %s", menu.Typed("push:all"))
	}
	return nil
}

// judge collects the reasons for a no: findings, images without a result, repositories without an image.
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
		return "give the scan longer: " + r.again(append(r.gate(), "-wait=15m")...)
	case unsupported && r.Strict:
		failOn := string(cmp.Or(r.FailOn, "critical"))
		return "without -strict, images that ECR cannot look into pass: " + r.again("-failOn="+failOn)
	}
	r.options.Image = "TAG"
	return "the reasons are above; to judge another image: " + r.again(r.gate()...)
}

// offers says what -json has about the findings; it promises versions that fix them only if the scan names any.
func (r scanReport) offers() string {
	for _, found := range mergeFindings(r.Repositories) {
		if slices.ContainsFunc(found.finding.Packages, func(p ecr.Package) bool { return p.FixedIn != "" }) {
			return "all findings, and the versions that fix them where there are any"
		}
	}
	return "all findings"
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
	name := repository.Name + "@" + console.ShortDigest(scan.Digest)
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
