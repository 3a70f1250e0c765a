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

// TestJudge looks up a program as the images have it, and one without symbols.
func TestJudge(t *testing.T) {
	p, err := session.Find()
	if err != nil {
		t.Fatal(err)
	}
	for linker, want := range map[string]struct{ passed, functions, reason string }{
		"-w":    {"false", "GO-1000-0001 GO-1000-0003", ""},
		"-s -w": {"null", "", "modules only"},
	} {
		binary := filepath.Join(t.TempDir(), "app")
		compile := exec.Command("go", "build", "-ldflags="+linker, "-o", binary, "../../apps/app")
		compile.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
		if out, err := compile.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		content, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		var r vulnsReport
		if r.Database, err = vulnDatabase("../e2e/testdata/vulndb/linked"); err != nil {
			t.Fatal(err)
		}
		if err := r.judge(t.Context(), p, "app", image.Program{Binary: content, Others: []string{"/bin/tool"}}); err != nil {
			t.Fatal(err)
		}
		var functions []string
		for _, f := range r.Findings {
			if f.Function != "" {
				functions = append(functions, f.ID)
			}
		}
		verdict := r.verdict()
		if passed(r) != want.passed || strings.Join(functions, " ") != want.functions || len(r.Findings) != 3 ||
			!strings.Contains(strings.Join(r.NotJudged, ""), want.reason) ||
			!strings.Contains(strings.Join(r.NotJudged, ""), "beside it: 1, such as /bin/tool") ||
			(verdict != nil) != (want.passed == "false") {
			t.Errorf("%s: %+v and %v, want %+v", linker, r, verdict, want)
		}
	}
}

func TestJudgeAnotherProgram(t *testing.T) {
	var r vulnsReport
	err := r.judge(t.Context(), nil, "app", image.Program{Err: errors.New("the image has no entrypoint")})
	if verdict := r.verdict(); err != nil || verdict != nil || passed(r) != "null" || len(r.NotJudged) != 1 {
		t.Errorf("%+v, %v, %v", r, err, verdict)
	}
}

func TestReadVulnsWantsAWholeAnswer(t *testing.T) {
	for _, said := range []string{"", `{"progress": {}}`, `{"config": {}} {"finding": {"osv": "GO-1"`} {
		if found, err := readVulns(strings.NewReader(said), "app"); err == nil {
			t.Errorf("%q is read as %v", said, found)
		}
	}
}

func TestVulnsVerdict(t *testing.T) {
	for _, test := range []struct {
		name      string
		found     []vulnFound
		notJudged []string
		passed    string
		words     string // of the refusal
	}{
		{"clean", []vulnFound{{ID: "GO-1"}}, nil, "true", ""},
		{"not judged", nil, []string{"app"}, "null", ""},
		{
			"a refusal wins",
			[]vulnFound{{ID: "GO-1", Module: "m", FixedIn: "v2.0.0", Function: "f"}},
			[]string{"app"},
			"false",
			"GO-1",
		},
		{
			"each once", []vulnFound{
				{ID: "GO-2", Module: "stdlib", FixedIn: "v1.26.9", Function: "f", Program: "b"},
				{ID: "GO-2", Module: "stdlib", FixedIn: "v1.26.9", Function: "g", Program: "a"},
			}, nil, "false", "linked in: GO-2\nhint: go get toolchain@go1.26.9",
		},
		{"no fix", []vulnFound{{ID: "GO-1", Module: "m", Function: "m.f"}}, nil, "false", "no version of m fixes GO-1"},
	} {
		r := vulnsReport{Findings: test.found, NotJudged: test.notJudged}
		err := r.verdict()
		if got := passed(r); got != test.passed {
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

func passed(r vulnsReport) string {
	switch {
	case r.Passed == nil:
		return "null"
	case *r.Passed:
		return "true"
	}
	return "false"
}
