package registry

import (
	"errors"
	"strings"
	"testing"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/session"
)

func scannedAs(result ecr.ScanResult, counts ecr.Counts) []ecr.Scanned {
	return []ecr.Scanned{{Name: "demo", Exists: true, Images: []ecr.ScannedImage{{
		Image: ecr.Image{Tags: []string{"v1"}}, Scans: []ecr.PlatformScan{{
			Digest: "sha256:0123456789abcdef", Result: result,
			Counts: counts,
		}},
	}}}}
}

// The exit codes of ecr:scan: 0, 3 where the gate says no, 1 where it cannot say yes.
func TestScanVerdict(t *testing.T) {
	high := ecr.Counts{"high": 1, "low": 2}
	for _, c := range []struct {
		name         string
		repositories []ecr.Scanned
		failOn       string
		strict       bool
		asked        string
		code         int
		says         string
	}{
		{"findings without a gate", scannedAs(ecr.ScanFound, high), "", false, "", 0, ""},
		{"findings below the threshold", scannedAs(ecr.ScanFound, high), "critical", true, "", 0, ""},
		{"findings at the threshold", scannedAs(ecr.ScanFound, high), "high", false, "", 3, "demo:v1: 1 high, 2 low"},
		{
			"findings above the threshold", scannedAs(ecr.ScanFound, high), "medium", false, "", 3,
			"of severity medium or worse",
		},
		{
			"what nobody rated, at the lowest", scannedAs(ecr.ScanFound, ecr.Counts{"undefined": 1}), "informational", false, "",
			3, "1 undefined",
		},
		{"what nobody rated, above", scannedAs(ecr.ScanFound, ecr.Counts{"undefined": 1}), "low", false, "", 0, ""},
		{"old findings", scannedAs(ecr.ScanExpired, high), "high", false, "", 3, "1 high"},
		{"unsupported", scannedAs(ecr.ScanUnsupported, nil), "critical", false, "", 0, ""},
		{"unsupported, strictly", scannedAs(ecr.ScanUnsupported, nil), "", true, "", 3, "leave out -strict"},
		{"pending without a gate", scannedAs(ecr.ScanPending, nil), "", false, "", 0, ""},
		{"pending", scannedAs(ecr.ScanPending, nil), "critical", false, "", 1, "-wait=15m"},
		{"pending, strictly", scannedAs(ecr.ScanPending, nil), "critical", true, "", 3, "demo:v1: pending"},
		{"failed", scannedAs(ecr.ScanFailed, nil), "critical", false, "", 1, "judge again"},
		{"never scanned", scannedAs(ecr.ScanNever, nil), "critical", false, "", 1, "not scanned"},
		{"expired", scannedAs(ecr.ScanExpired, nil), "critical", false, "", 1, "expired"},
		{"archived", scannedAs(ecr.ScanArchived, nil), "critical", false, "", 1, "archived"},
		{"no image without a gate", []ecr.Scanned{{Name: "demo", Exists: true}}, "", false, "", 0, ""},
		{"no image", []ecr.Scanned{{Name: "demo", Exists: true}}, "low", false, "", 1, "push:all"},
		{"no such image", []ecr.Scanned{{Name: "demo", Exists: true}}, "", false, "v9", 1, `no image "v9" in demo`},
		{"no repository", []ecr.Scanned{{Name: "demo"}}, "", false, "", 1, "missing"},
	} {
		var missing error
		if !c.repositories[0].Exists {
			missing = errors.New("missing")
		}
		err := scanReport{
			FailOn: c.failOn, Strict: c.strict, Repositories: c.repositories,
			options: ScanOptions{Image: c.asked, Gate: session.Gate{FailOn: c.failOn, Strict: c.strict}},
		}.verdict(missing)
		if code := mg.ExitStatus(err); code != c.code {
			t.Errorf("%s: exit code %d, want %d: %v", c.name, code, c.code, err)
		}
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", c.name, err, c.says)
		}
	}
}

// A hint goes on with what was typed.
func TestScanHints(t *testing.T) {
	for _, c := range []struct {
		repositories []ecr.Scanned
		strict       bool
		want         string
	}{
		{
			scannedAs(ecr.ScanFound, ecr.Counts{"high": 1}), false,
			"where ECR names any: mage ecr:scan -image=v1 -repo=app -region=eu-west-1 -failOn=high -json",
		},
		{
			scannedAs(ecr.ScanPending, nil), true,
			"give the scan longer: mage ecr:scan -image=v1 -repo=app -region=eu-west-1 -failOn=high -strict -wait=15m",
		},
		{scannedAs(ecr.ScanUnsupported, nil), true, "leave out -strict: then images that ECR cannot look into pass"},
		{
			scannedAs(ecr.ScanFailed, nil), false,
			"judge again: mage ecr:scan -image=v1 -repo=app -region=eu-west-1 -failOn=high",
		},
	} {
		err := scanReport{
			FailOn: "high", Strict: c.strict, Repositories: c.repositories, flags: session.Where{Region: new("eu-west-1")},
			options: ScanOptions{Image: "v1", Repo: "app", Gate: session.Gate{FailOn: "high", Strict: c.strict}},
		}.verdict(nil)
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%v, want it to end with %q", err, c.want)
		}
	}
}

// A no stays a no when another repository could not be asked; a yes does not stay one.
func TestConclude(t *testing.T) {
	failed, no := errors.New("out of reach"), session.Refuse(errors.New("no"))
	for _, c := range []struct {
		failed, verdict error
		code            int
	}{{nil, nil, 0}, {failed, nil, 1}, {nil, no, 3}, {failed, no, 3}, {nil, errors.Join(failed, no), 3}, {failed, errors.New("cannot be told"), 1}, {
		nil,
		errors.New("cannot be told"), 1,
	}} {
		if got := mg.ExitStatus(session.End(t.Context(), errors.Join(c.failed, c.verdict))); got != c.code {
			t.Errorf("after %v and %v: exit code %d, want %d", c.failed, c.verdict, got, c.code)
		}
	}
	out := []ecr.Scanned{{Name: "demo", Error: "out of reach"}}
	if err := (scanReport{Repositories: out, options: ScanOptions{Image: "v1", Gate: session.Gate{FailOn: "low"}}}).verdict(nil); err != nil {
		t.Errorf("the verdict of a repository that could not be asked is %v, want none: the failure says it", err)
	}
}
