package registry

import (
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
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

func (r cleanupReport) summary() string {
	var rows [][]string
	for _, one := range r.Repositories {
		row := fmt.Sprintf("`%s` %d %d %d %d", one.Name, len(one.Images), one.Deleted, one.Left, one.Stay)
		rows = append(rows, strings.Fields(row))
	}
	title := map[bool]string{true: "Would be deleted", false: "Deleted"}[r.DryRun]
	return console.Markdown(title, []string{"REPOSITORY", "IMAGES", "DELETED", "LEFT", "KEPT"}, rows)
}
