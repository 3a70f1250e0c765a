package dev

import (
	"reflect"
	"strings"
	"testing"
)

func TestCompared(t *testing.T) {
	said := `goos: linux
BenchmarkVersusLogin
BenchmarkVersusLogin-2 5 12.40 ours-ms 0.2000 promise 0.01480 ratio 0.02000 ratio-max 0.01000 ratio-min 835.0 theirs-ms
BenchmarkVersusPush/x-y-16 5 100.0 ours-ms 0 promise 0.5000 ratio 0.6000 ratio-max 0.4000 ratio-min 200.0 theirs-ms
BenchmarkColdStart/menu-2 1000000000 60.00 cpu-s 45.00 wall-s
BenchmarkColdStart/example.com/small-2 1000000000 1.00 cpu-s 1.67 percent
BenchmarkColdStart/example.com/large-2 1000000000 6.00 cpu-s 10.0 percent
BenchmarkReport-2 5 730400000 ns/op 8.463 MB
BenchmarkServe-2 5 31.00 first-connect-ms
PASS
`
	want := [][]string{
		{"Login", "12 ms", "835 ms", "0.01", "0.01-0.02", "at most 0.20"},
		{"Push/x-y", "100 ms", "200 ms", "0.50", "0.40-0.60", "-"},
	}
	if got := compared(benchmarkLines(strings.NewReader(said))); !reflect.DeepEqual(got, want) {
		t.Errorf("compared = %q, want %q", got, want)
	}
	want = [][]string{
		{"all of it", "45 s", "60 s of the compiler"},
		{"example.com/large", "6.0 s of the compiler", "10.0 %"},
		{"example.com/small", "1.0 s of the compiler", "1.7 %"},
	}
	if got := coldStart(benchmarkLines(strings.NewReader(said))); !reflect.DeepEqual(got, want) {
		t.Errorf("coldStart = %q, want %q", got, want)
	}
	want = [][]string{{"100 repositories of 1,000 images", "0.73 s", "8.5 MB", "at most 1 s and 10 MB"}}
	if got := drawn(benchmarkLines(strings.NewReader(said))); !reflect.DeepEqual(got, want) {
		t.Errorf("drawn = %q, want %q", got, want)
	}
}

func TestTablesInTheReadme(t *testing.T) {
	const document = "Before.\n\n    WHAT  TOOK\n    a     1 s\n    b     2 s\n\nAfter.\n"
	whole := table{[]string{"WHAT", "TOOK"}, [][]string{{"a", "10 s"}, {"b", "20 s"}, {"c/d", "30 s"}}}
	want := "Before.\n\n    WHAT  TOOK\n    a     10 s\n    b     20 s\n    c/d   30 s\n\nAfter.\n"
	if got, missing := whole.replace(document); got != want || missing != nil {
		t.Errorf("replace = %q, %q, want %q", got, missing, want)
	}
	part := table{whole.heading, whole.rows[:1]}
	if got, missing := part.replace(document); got != document || !reflect.DeepEqual(missing, []string{"b"}) {
		t.Errorf("replace of a part = %q, %q, want it as it was", got, missing)
	}
	if got, missing := whole.replace("None.\n"); got != "None.\n" || missing != nil {
		t.Errorf("replace of none = %q, %q", got, missing)
	}
}
