package terraform

import (
	"strings"
	"testing"
)

func TestApplyKeepsItsOutputsForWhoAsks(t *testing.T) {
	const said = "Creating...\n\nApply complete! Resources: 1 added\n\n"
	for _, size := range []int{1, 7, 1000} {
		var got strings.Builder
		w := withoutOutputs(&got)
		for text := said + "Outputs:\n\na = \"b\"\n"; text != ""; text = text[min(size, len(text)):] {
			if n, err := w.Write([]byte(text[:min(size, len(text))])); err != nil || n == 0 {
				t.Fatal(n, err)
			}
		}
		if got.String() != said {
			t.Errorf("in pieces of %d: %q, want %q", size, got.String(), said)
		}
	}
}
