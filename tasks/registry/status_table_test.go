package registry

import (
	"testing"

	"envoy-proxy-poc/tasks/internal/ecr"
)

func TestStatusTotals(t *testing.T) {
	for _, c := range []struct {
		totals ecr.Totals
		want   string
	}{
		{ecr.Totals{}, "0 images|0 B|$0.00 a month"},
		{
			ecr.Totals{ImageCount: 1, TopLevelCount: 1, SizeBytes: 1_000_000, StorageUSDPerMonth: 0.0001},
			"1 image|1.0 MB|less than $0.01 a month",
		},
		{
			ecr.Totals{ImageCount: 12, TopLevelCount: 4, SizeBytes: 20e9, StorageUSDPerMonth: 2},
			"4 images (12 in ECR)|20.0 GB|at most $2.00 a month",
		},
		{
			ecr.Totals{
				ImageCount: 12, TopLevelCount: 4, ArchivedCount: 1, SizeBytes: 20e9, ArchivedBytes: 5e9,
				StorageUSDPerMonth: 1.5,
			},
			"4 images (12 in ECR), 1 archived|20.0 GB, 5.0 GB of it archived|at most $1.50 a month for the rest",
		},
	} {
		cells := totals(c.totals)
		if got := cells[0].Text + "|" + cells[1].Text + "|" + cells[2].Text; got != c.want {
			t.Errorf("totals(%+v) = %q, want %q", c.totals, got, c.want)
		}
	}
}

func TestStatusSharing(t *testing.T) {
	row := func(size int64) ecr.Row { return ecr.Row{Image: ecr.Image{SizeBytes: size}} }
	for want, rows := range map[bool][]ecr.Row{true: {row(6), row(5)}, false: {row(6), row(4)}} {
		if got := sharing(ecr.Repository{Images: rows, Totals: ecr.Totals{SizeBytes: 10}}); got != want {
			t.Errorf("sharing(%+v) = %t, want %t", rows, got, want)
		}
	}
}
