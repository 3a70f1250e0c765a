package registry

import (
	"testing"

	"envoy-proxy-poc/tasks/internal/ecr"
)

// What a decision would cost is said with all that makes it worse.
func TestStake(t *testing.T) {
	for want, decision := range map[string]ecr.Decision{
		"1 image to delete, 5 B": {Images: make([]ecr.Deletion, 1), SizeBytes: 5},
		"2 images to delete, 5.0 kB, 1 archived (AWS bills an archived image for 90 days at least); 7 stay": {
			Images: make([]ecr.Deletion, 2), SizeBytes: 5000, Archived: 1, Stay: 7, Filter: ecr.Filter{Untagged: true},
		},
	} {
		if got := stake(decision); got != want {
			t.Errorf("stake = %q, want %q", got, want)
		}
	}
}

func TestCleanupTakesLatest(t *testing.T) {
	for want, images := range map[bool][]ecr.Deletion{
		true:  {{Tags: []string{"v1"}}, {Tags: []string{"20260201-120000", "latest"}}},
		false: {{Tags: []string{"latest-1"}}, {}},
	} {
		if got := takesLatest(ecr.Decision{Images: images}); got != want {
			t.Errorf("takesLatest(%+v) = %t, want %t", images, got, want)
		}
	}
}
