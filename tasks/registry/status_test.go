package registry

import (
	"slices"
	"testing"

	"envoy-proxy-poc/tasks/internal/ecr"
)

func TestStatusWarnings(t *testing.T) {
	report := statusReport{Repositories: []ecr.Repository{
		{Name: "app", Warnings: []string{"scans: no", "policy: no"}}, {
			Name:     "client",
			Warnings: []string{"scans: no"},
		}, {Name: "quiet"},
	}}
	if got, want := report.warnings(), []string{"app, client: scans: no", "app: policy: no"}; !slices.Equal(got, want) {
		t.Errorf("warnings %q, want %q", got, want)
	}
}
