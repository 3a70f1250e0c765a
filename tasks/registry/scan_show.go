package registry

import (
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

// worstShown is how many findings are shown; -json has all of them.
const worstShown = 10

var scanColumns = []string{"REPOSITORY", "IMAGE", "PLATFORM", "RESULT", "FINDINGS", "SCANNED", "TAGS"}

func (r scanReport) rows() (rows [][]string) {
	for _, repository := range r.Repositories {
		if word := without(repository); word != "" {
			rows = append(rows, []string{repository.Name, "-", "-", word, "-", "-", "-"})
		}
		repository.Each(func(image ecr.ScannedImage, scan ecr.PlatformScan) {
			rows = append(rows, []string{
				repository.Name, console.ShortDigest(scan.Digest), console.Dash(scan.Platform), scanWord(scan.Result),
				console.Dash(scan.Counts.String()), console.Time(scan.CompletedAt), console.List(image.Tags),
			})
		})
	}
	return rows
}

// without is why there is no scan to show.
func without(repository ecr.Scanned) string {
	switch {
	case repository.Error != "":
		return "unknown"
	case !repository.Exists:
		return "missing"
	case len(repository.Images) == 0:
		return "no image"
	}
	return ""
}

// shownFinding is one finding of a repository, and the platforms and images that have it.
type shownFinding struct {
	ecr.Finding
	Repository        string
	Platforms, Images []string
}

func showWorst(c *console.Console, report scanReport) {
	all := mergeFindings(report.Repositories)
	var rows [][]string
	for _, found := range all[:min(worstShown, len(all))] {
		row := append([]string{string(found.Severity), found.Name}, packages(found.Packages)...)
		rows = append(rows, append(row, strings.Join(found.Platforms, " "), found.Repository))
	}
	if rows == nil {
		return
	}
	c.Answer("")
	c.Table([]string{"SEVERITY", "FINDING", "PACKAGE", "INSTALLED", "FIXED IN", "PLATFORMS", "REPOSITORY"}, rows)
	if more := len(all) - len(rows); more > 0 {
		findings := console.Count(len(all), "finding", "findings")
		c.Say("the %d worst of %s: %s has all", len(rows), findings, report.again("-json"))
	}
}

// mergeFindings makes one of a finding that several platforms of a repository have, the worst first.
func mergeFindings(repositories []ecr.Scanned) []*shownFinding {
	var all []*shownFinding
	known := map[string]*shownFinding{}
	for _, repository := range repositories {
		repository.Each(func(image ecr.ScannedImage, scan ecr.PlatformScan) {
			for _, finding := range scan.Findings {
				key := fmt.Sprint(repository.Name, finding.Name, finding.Severity, finding.Packages)
				found := known[key]
				if found == nil {
					found = &shownFinding{Finding: finding, Repository: repository.Name}
					known[key] = found
					all = append(all, found)
				}
				found.Platforms = withOnce(found.Platforms, console.Dash(scan.Platform))
				found.Images = withOnce(found.Images, imageName(image.Image))
			}
		})
	}
	slices.SortStableFunc(all, func(a, b *shownFinding) int { return ecr.Worse(a.Finding, b.Finding) })
	return all
}

func withOnce(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}

// packages are the columns of a finding's packages: the first, and how many more there are.
func packages(all []ecr.Package) []string {
	if len(all) == 0 {
		return []string{"-", "-", "-"}
	}
	names := all[0].Name
	if len(all) > 1 {
		names = fmt.Sprintf("%s and %d more", names, len(all)-1)
	}
	return []string{names, console.Dash(all[0].Version), console.Dash(all[0].FixedIn)}
}
