package registry

import (
	"fmt"

	"envoy-proxy-poc/tasks/internal/ecr"
)

// cleanupReport is what ecr:cleanup -json prints.
type cleanupReport struct {
	Region       string              `json:"region"`
	DryRun       bool                `json:"dryRun"`
	Repositories []cleanedRepository `json:"repositories"`
}

// cleanedRepository counts images as ECR does: every manifest is one.
type cleanedRepository struct {
	Name      string         `json:"name"`
	Exists    bool           `json:"exists"`
	Images    []ecr.Deletion `json:"images"` // to delete, in this order
	SizeBytes int64          `json:"sizeBytes"`
	ecr.Report
}

func newCleanupReport(region string, dryRun bool, decisions []ecr.Decision) cleanupReport {
	report := cleanupReport{region, dryRun, []cleanedRepository{}}
	for _, d := range decisions {
		report.Repositories = append(report.Repositories, cleanedRepository{
			d.Repository, !d.Missing, append([]ecr.Deletion{}, d.Images...), d.SizeBytes,
			ecr.Report{Left: len(d.Images), Stay: d.Stay},
		})
	}
	return report
}

func (r cleanupReport) title() string {
	return map[bool]string{true: "Would be deleted", false: "Deleted"}[r.DryRun]
}

// rows are the table for GitHub.
func (r cleanupReport) rows() (rows [][]string) {
	for _, one := range r.Repositories {
		rows = append(rows, []string{
			"`" + one.Name + "`", fmt.Sprint(len(one.Images)), fmt.Sprint(one.Deleted), fmt.Sprint(one.Left), fmt.Sprint(one.Stay),
		})
	}
	return rows
}
