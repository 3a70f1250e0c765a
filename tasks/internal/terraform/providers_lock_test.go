package terraform

import (
	"slices"
	"testing"
)

func TestDropped(t *testing.T) {
	before := []byte(`hashes = ["h1:a=", "h1:b=", "zh:1", ]`)
	if got := dropped(before, []byte(`["h1:b=", "zh:1", "h1:c=", "h1:a="]`)); len(got) > 0 {
		t.Errorf("dropped %q of a file that grew", got)
	}
	if got := dropped(before, []byte(`["h1:b="]`)); !slices.Equal(got, []string{`"h1:a="`, `"zh:1"`}) {
		t.Errorf("dropped %q, want two", got)
	}
}
