package registry

import (
	"testing"

	"envoy-proxy-poc/tasks/internal/ecr"
)

// A rule that takes nothing may have images that are an earlier rule's.
func TestUnmatched(t *testing.T) {
	for claimed, want := range map[int]string{
		0: "there is no such image",
		2: "earlier rules come first for the 2 images that it is about",
	} {
		rule := ecr.RetentionRule{Claimed: claimed}
		if got := unmatched(rule); got != want {
			t.Errorf("unmatched(%+v) = %q, want %q", rule, got, want)
		}
	}
}
