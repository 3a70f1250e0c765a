package registry

import (
	"testing"

	"envoy-proxy-poc/tasks/internal/ecr"
)

// What a decision would cost is said with all that makes it worse.
func TestStake(t *testing.T) {
	for want, decision := range map[string]ecr.Decision{
		"1 image to delete, 5 B": {Images: make([]ecr.Deletion, 1), Tops: 1, SizeBytes: 5},
		"1 image (2 manifests) to delete, 5.0 kB, 1 archived (AWS bills an archived image for 90 days at least); 7 manifests kept": {
			Images: make([]ecr.Deletion, 2), Tops: 1, SizeBytes: 5000, Archived: 1, Stay: 7, Filter: ecr.Filter{Untagged: true},
		},
	} {
		if got := stake(decision); got != want {
			t.Errorf("stake = %q, want %q", got, want)
		}
	}
}

func TestImages(t *testing.T) {
	some := func(tops, manifests int) ecr.Decision {
		return ecr.Decision{Tops: tops, Images: make([]ecr.Deletion, manifests)}
	}
	for want, decisions := range map[string][]ecr.Decision{
		"0 images":                {},
		"4 images (10 manifests)": {some(3, 9), some(1, 1), some(0, 0)},
		"3 images":                {some(1, 1), some(2, 2)},
		"2009 manifests":          {some(3, 9), some(0, 2000)},
	} {
		if got := Images(decisions...); got != want {
			t.Errorf("Images = %q, want %q", got, want)
		}
	}
}
