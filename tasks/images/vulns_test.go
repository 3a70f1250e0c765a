package images

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// TestJudge looks up one program as the images have it, one without symbols, and what is no program of Go.
func TestJudge(t *testing.T) {
	p, err := session.Find()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, linker, db string
		passed           string
		functions        int
		reason           string
	}{
		{"a linked function", "-w", "linked", "false", 2, ""},
		{"no linked function", "-w", "unlinked", "true", 0, ""},
		{"stripped", "-s -w", "linked", "null", 0, "modules only"},
	} {
		binary := filepath.Join(t.TempDir(), "app")
		compile := exec.Command("go", "build", "-ldflags="+test.linker, "-o", binary, "../../apps/app")
		compile.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
		if out, err := compile.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		content, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		var r vulnsReport
		r.Database, err = session.FindVulnerabilities(t.Context(), "../e2e/testdata/vulndb/"+test.db)
		if err != nil {
			t.Fatal(err)
		}
		judged, err := r.judge(t.Context(), p, image.Program{Name: "/app", Binary: content})
		if err != nil {
			t.Fatal(err)
		}
		functions := 0
		for _, f := range judged.Findings {
			functions += len(f.Functions)
		}
		if passed(judged.Passed) != test.passed || functions != test.functions || len(judged.Findings) == 0 ||
			!strings.HasPrefix(judged.Reason, test.reason) {
			t.Errorf("%s: %+v, want passed %s and %d functions", test.name, judged, test.passed, test.functions)
		}
	}
}

func TestJudgeAnotherProgram(t *testing.T) {
	for _, program := range []image.Program{{Binary: []byte("#!/bin/sh\n")}, {Err: errors.New("the image has no entrypoint")}} {
		var r vulnsReport
		judged, err := r.judge(t.Context(), nil, program)
		if err != nil || judged.Passed != nil || !strings.HasPrefix(judged.Reason, "not looked at") {
			t.Errorf("%+v: %+v, %v", program, judged, err)
		}
	}
}

func TestReadStopsAtHalfAnAnswer(t *testing.T) {
	for _, said := range []string{"", `{"progress": {}}`, `{"config": {}} {"finding": {"osv": "GO-1"`} {
		var r vulnsReport
		if found, err := r.read(strings.NewReader(said)); err == nil {
			t.Errorf("%q is read as %v", said, found)
		}
	}
}

func TestVulnsVerdict(t *testing.T) {
	yes, no := true, false
	linked := func(id, module, fixed string) vulnFound {
		return vulnFound{ID: id, Module: module, FixedIn: fixed, Functions: []string{"f"}}
	}
	program := func(is *bool, found ...vulnFound) judgedProgram { return judgedProgram{Passed: is, Findings: found} }
	for _, test := range []struct {
		name     string
		programs []judgedProgram
		passed   string
		words    string // of the refusal
	}{
		{"clean", []judgedProgram{program(&yes, vulnFound{ID: "GO-1"})}, "true", ""},
		{"one is not judged", []judgedProgram{program(nil), program(&yes)}, "null", ""},
		{"a refusal wins", []judgedProgram{program(nil), program(&no, linked("GO-1", "m", "v1.2.0")), program(&yes)}, "false", "GO-1"},
		{
			"the newest fix", []judgedProgram{
				program(&no, linked("GO-2", "m", "v1.10.0"), linked("GO-1", "m", "v1.9.0")),
				program(&no, linked("GO-3", "stdlib", "v1.26.9")),
			}, "false", "GO-1, GO-2, GO-3\nhint: go get m@v1.10.0; go get toolchain@go1.26.9",
		},
		{
			"no fix", []judgedProgram{program(&no, linked("GO-2", "m", "v1.10.0"), linked("GO-1", "m", ""))}, "false",
			"hint: m has no version with all fixes",
		},
	} {
		r := vulnsReport{Programs: test.programs}
		err := r.verdict()
		if got := passed(r.passed()); got != test.passed {
			t.Errorf("%s: passed is %s, want %s", test.name, got, test.passed)
		}
		if refused := mg.ExitStatus(err) == session.Refused; refused != (test.words != "") {
			t.Errorf("%s: exits %d: %v", test.name, mg.ExitStatus(err), err)
		}
		if err != nil && !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v, want %q", test.name, err, test.words)
		}
	}
}

func passed(is *bool) string {
	switch {
	case is == nil:
		return "null"
	case *is:
		return "true"
	}
	return "false"
}
