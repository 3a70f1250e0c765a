package localaws_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/localaws"
)

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.json")
	wantOK(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestLoadFindings(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	got, err := localaws.LoadFindings(written(t, `{
		"team/app": {
			"v1": {"findings": [{"name": "CVE-2026-1", "severity": "HIGH", "package": "openssl", "version": "3.0.1", "fixedIn": "3.0.2", "uri": "https://x.example", "description": "d"}]},
			"`+digest+`": {"status": "FAILED", "description": "Out of memory."}
		},
		"*": {"*": {"takes": "3s"}, "none": {}}
	}`))
	wantOK(t, err)
	want := localaws.Findings{
		"team/app": {
			"v1":   {Findings: []localaws.Finding{{Name: "CVE-2026-1", Severity: "HIGH", Package: "openssl", Version: "3.0.1", FixedIn: "3.0.2", URI: "https://x.example", Description: "d"}}},
			digest: {Status: "FAILED", Description: "Out of memory."},
		},
		"*": {"*": {Takes: 3 * time.Second}, "none": {}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("LoadFindings = %+v, want %+v", got, want)
	}
}

func TestFindingsFilesThatAreWrong(t *testing.T) {
	for want, text := range map[string]string{
		"file.json:2: invalid character '}'":                                       "{\n}}",
		"file.json:3: unexpected end of JSON input":                                "{\n\"app\":\n",
		"file.json:1: the file: want an object":                                    "[]",
		"file.json:2: app: want an object":                                         "{\n\"app\": []}",
		`file.json:2: App.v1: "App" is no repository's name, nor "*"`:              "{\"App\":{\n\"v1\": {}}}",
		`file.json:1: app.v 1: "v 1" is no tag`:                                    `{"app": {"v 1": {}}}`,
		`file.json:3: app.v1: unknown field "finding", want one of description, `:  "{\"app\": {\n\"v1\": {\n\"finding\": []}}}",
		"file.json:1: app.v1.status: want a text":                                  `{"app": {"v1": {"status": 5}}}`,
		`status is "DONE", want one of ACTIVE, COMPLETE`:                           `{"app": {"v1": {"status": "DONE"}}}`,
		"status is FAILED, which has no findings":                                  `{"app": {"v1": {"status": "FAILED", "findings": [{"name": "a", "severity": "LOW"}]}}}`,
		"app.v1.takes: want a duration":                                            `{"app": {"v1": {"takes": 3}}}`,
		"takes is -1s":                                                             `{"app": {"v1": {"takes": "-1s"}}}`,
		`"app" is there twice`:                                                     `{"app": {}, "app": {}}`,
		`file.json:2: app.v1.findings[1].severity: is "BAD", want one of CRITICAL`: "{\"app\": {\"v1\": {\"findings\": [{\"name\": \"a\", \"severity\": \"LOW\"},\n{\"name\": \"b\", \"severity\": \"BAD\"}]}}}",
		"app.v1.findings[0].name: want a name":                                     `{"app": {"v1": {"findings": [{"severity": "LOW"}]}}}`,
	} {
		if got, err := localaws.LoadFindings(written(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("LoadFindings(%s) = %v, %v, want …%s…", text, got, err, want)
		}
	}
	if _, err := localaws.LoadFindings("none.json"); err == nil || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("a file that is not there: %v", err)
	}
	_, err := localaws.LoadFindings(written(t, `{"A": {"v1": {}}, "app": {"v1": {"status": 1}}}`))
	if err == nil || strings.Count(err.Error(), "file.json:1") != 2 {
		t.Errorf("of two faults LoadFindings tells %v", err)
	}
}

func TestLoadFaults(t *testing.T) {
	faults, err := localaws.LoadFaults(written(t, `[
		{"service": "ecr", "operation": "PutImage", "kind": "throttle", "after": 1, "every": 2, "count": 3},
		{"operation": "PATCH uploads", "kind": "cut-request", "bytes": 10, "delay": "5ms"},
		{"kind": "error", "status": 503, "probability": 0.5, "seed": 18446744073709551615}
	]`))
	wantOK(t, err)
	if len(faults) != 3 {
		t.Errorf("%d rules, want 3", len(faults))
	}
}

func TestFaultsFilesThatAreWrong(t *testing.T) {
	for want, text := range map[string]string{
		"file.json:1: the file: want a list":                                 `{}`,
		"file.json:2: invalid character":                                     "[\n5 6]",
		"file.json:2: fault 2: want an object":                               "[{\"kind\": \"cut\"},\n5]",
		`file.json:1: fault 1: kind is "", want one of throttle`:             `[{}]`,
		`file.json:2: fault 1: unknown field "knd", want one of after, byte`: "[{\n\"knd\": \"cut\"}]",
		"file.json:1: fault 1.count: want a number (int)":                    `[{"kind": "cut", "count": 1.5}]`,
		"file.json:1: fault 1.delay: want a duration":                        `[{"kind": "slow", "delay": "soon"}]`,
		`operation "PutImages" is none of the local AWS: want one of PutAc`:  `[{"kind": "cut", "operation": "PutImages"}]`,
		`operation "PUT blobs" is none of registry: want one of PUT manife`:  `[{"kind": "cut", "service": "registry", "operation": "PUT blobs"}]`,
	} {
		if got, err := localaws.LoadFaults(written(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("LoadFaults(%s) = %v, %v, want …%s…", text, got, err, want)
		}
	}
}
