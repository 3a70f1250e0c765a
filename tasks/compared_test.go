package tasks

import (
	"reflect"
	"strings"
	"testing"
)

func TestCompared(t *testing.T) {
	said := `goos: linux
BenchmarkVersusLogin
BenchmarkVersusLogin-2         	       5	        12.40 ours-ms	         0.2000 promise	         0.01480 ratio	         0.02000 ratio-max	         0.01000 ratio-min	       835.0 theirs-ms
BenchmarkVersusPush/x-y-16     	       5	       100.0 ours-ms	         0 promise	         0.5000 ratio	         0.6000 ratio-max	         0.4000 ratio-min	       200.0 theirs-ms
BenchmarkServe-2               	       5	        31.00 first-connect-ms
PASS
`
	want := [][]string{
		{"Login", "12 ms", "835 ms", "0.01", "0.01-0.02", "at most 0.20"},
		{"Push/x-y", "100 ms", "200 ms", "0.50", "0.40-0.60", "-"},
	}
	if got := compared(strings.NewReader(said)); !reflect.DeepEqual(got, want) {
		t.Errorf("compared = %q, want %q", got, want)
	}
}
