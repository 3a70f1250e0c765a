package image

import (
	"slices"
	"strings"
	"testing"
)

// A program is told of what it needs and does not bring, and one that only serves, or brings all, of nothing.
func TestLacks(t *testing.T) {
	takesLong(t)
	program := func(body string, imports ...string) string {
		return "package main\n\nimport (\n\"os\"\n" + strings.Join(imports, "\n") + "\n)\n\nfunc main() {\n" + body + "\n}\n"
	}
	const calls, zones = "_, _ = http.Get(os.Args[1])\n", "_, _ = time.LoadLocation(os.Args[1])\n"
	const roots = "x509.SetFallbackRoots(x509.NewCertPool())\n"
	s := source(write(t, t.TempDir(), map[string]string{
		"go.mod":               "module example.com/demo\n\ngo 1.26\n",
		"apps/needs/main.go":   program(calls+zones, `"net/http"`, `"time"`),
		"apps/dials/main.go":   program(`_, _ = tls.Dial("tcp", os.Args[1], nil)`, `"crypto/tls"`),
		"apps/serves/main.go":  program(`_ = http.ListenAndServe(os.Args[1], nil)`, `"net/http"`),
		"apps/brings/main.go":  program(calls+zones+roots, `"crypto/x509"`, `"net/http"`, `"time"`, `_ "time/tzdata"`),
		"apps/nothing/main.go": program("os.Exit(0)"),
	}))
	want := map[string][]string{"needs": {"x509roots/fallback", "time/tzdata"}, "dials": {"x509roots/fallback"}}
	s.Apps = []string{"needs", "serves", "dials", "brings", "nothing"}
	built, err := Build(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range built {
		if !slices.EqualFunc(one.Lacks, want[one.App], strings.Contains) {
			t.Errorf("%s lacks %q, want %q", one.App, one.Lacks, want[one.App])
		}
	}
}
