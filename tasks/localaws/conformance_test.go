package localaws_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/localaws"
)

// conformance is the OCI distribution specification's own program, as of 2026-08-31. It is not tagged.
const conformance = "github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111"

// asked is what the program is told beyond where the registry is: it checks 1.1 and what its drafts add, but for what ECR
// does not have. Package registry's comment gives the reasons.
var asked = []string{
	"OCI_VERSION=1.1",
	"OCI_API_BLOBS_UPLOAD_CANCEL=true",
	"OCI_API_BLOBS_DIGEST_HEADER=true",
	"OCI_DATA_SHA512=false",             // ECR has sha256 only
	"OCI_DATA_EMPTY_BLOB=false",         // ECR refuses blobs of 0 bytes
	"OCI_DATA_SPARSE=false",             // ECR wants an index's children first
	"OCI_API_MANIFESTS_TAG_PARAM=false", // a draft's, which ECR does not have
}

// declined are the checks that the program gives up when the registry answers, as the specification lets it, that it does not
// do this: ECR deletes no single blob, and mounts only what an image uses, from a repository that is named.
var declined = regexp.MustCompile(`/blob-delete$|/mount/blob-mount$|/mount anonymous/blob-mount-anonymous$`)

// departs are the checks that fail in the dialect ecr, with what the program says of them: PATCH is 201, a page of
// tags has neither n=0 nor a last that somebody typed, and what S3 answers in the end has no header of a registry.
var departs = map[string]*regexp.Regexp{
	"blob patch failed: unexpected status code, expected one of [202], received 201": regexp.MustCompile(
		`/blob-patch-(chunked|stream)$`),
	"registry did not return a Docker-Content-Digest header":      regexp.MustCompile(`/blob-get$`),
	"unexpected status code, expected one of [200], received 405": regexp.MustCompile(`/tag-list$`),
}

// asECR reports whether a check failed as it would at ECR.
func (c check) asECR() bool {
	for said, name := range departs {
		if name.MatchString(c.Name) && strings.Contains(c.Said, said) {
			return c.Status == "failure"
		}
	}
	return false
}

func TestConformance(t *testing.T) {
	takesLong(t)
	program := install(t, conformance)
	for _, dialect := range []string{"oci", "ecr"} {
		t.Run(dialect, func(t *testing.T) {
			l := start(t, localaws.Options{Dialect: dialect})
			l.repository("conformance/repo1")
			l.repository("conformance/repo2")
			checks := l.conform(program, "OCI_API_MANIFESTS_DIGEST_HEADER="+strconv.FormatBool(dialect == "oci"))
			passed, failed := 0, 0
			for _, check := range checks {
				switch {
				case check.Status == "passed":
					passed++
				case check.Status == "skipped" && declined.MatchString(check.Name):
				case dialect == "ecr" && check.asECR():
					failed++
				default:
					t.Errorf("%s: %s: %s", check.Name, check.Status, check.Said)
				}
			}
			if passed+failed < 450 || (failed > 0) != (dialect == "ecr") {
				t.Errorf("%d checks passed and %d failed as ECR would", passed, failed)
			}
		})
	}
}

type check struct {
	Name   string `xml:"name,attr"`
	Status string `xml:"status,attr"`
	Said   string `xml:"system-out"`
}

// conform runs the program and returns what it checked.
func (l *local) conform(program string, more ...string) []check {
	l.t.Helper()
	dir := l.t.TempDir()
	cmd := exec.CommandContext(l.t.Context(), program)
	cmd.Dir = dir
	cmd.Env = append(append(slices.Clone(asked), more...), "OCI_REGISTRY="+l.host(), "OCI_TLS=disabled", "OCI_USERNAME=AWS", "OCI_PASSWORD="+l.password(), "OCI_RESULTS_DIR="+dir)
	said, _ := cmd.CombinedOutput() // it exits 1 when a check fails, and says which in its report
	text, err := os.ReadFile(filepath.Join(dir, "junit.xml"))
	if err != nil {
		l.t.Fatalf("the program wrote no report: %v\n%s", err, said)
	}
	var report struct {
		Checks []check `xml:"testsuite>testcase"`
	}
	wantOK(l.t, xml.Unmarshal(text, &report))
	return report.Checks
}
