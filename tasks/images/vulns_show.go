package images

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"
	"golang.org/x/mod/semver"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// showVulns prints a row for each vulnerability and where it is, then the programs that could not be judged.
func showVulns(c *console.Console, r vulnsReport) {
	var rows [][]string
	for _, program := range r.Programs {
		where := program.App + " " + program.Platform
		for _, f := range program.Findings {
			row := []string{f.ID, f.Module, f.Version, console.Dash(f.FixedIn), linkedFunctions(f, program), where}
			same := func(other []string) bool { return slices.Equal(row[:len(row)-1], other[:len(row)-1]) }
			if at := slices.IndexFunc(rows, same); at >= 0 {
				rows[at][len(row)-1] += ", " + where
			} else {
				rows = append(rows, row)
			}
		}
	}
	if rows != nil {
		slices.SortStableFunc(rows, slices.Compare)
		c.Table([]string{"VULNERABILITY", "MODULE", "VERSION", "FIXED IN", "LINKED FUNCTION", "PROGRAM"}, rows)
	}
	c.Say("%s looked up in %s, last changed %s", console.Count(len(r.Programs), "program", "programs"), r.Database,
		console.Time(r.DatabaseModified))
	for _, program := range r.Programs {
		if program.Passed == nil {
			c.Warn("%s %s is not judged: %s; what ECR's scan finds in the image: %s", program.App, program.Platform,
				program.Reason, menu.Typed("ecr:scan"))
		}
	}
	if r.Passed != nil && *r.Passed {
		c.Answer("no vulnerable function is linked in")
	}
}

// linkedFunctions is a cell: the first of the vulnerable functions, and how many more are linked in.
func linkedFunctions(f vulnFound, program judgedProgram) string {
	switch {
	case program.Passed == nil:
		return "modules only"
	case len(f.Functions) == 0:
		return "-"
	case len(f.Functions) == 1:
		return f.Functions[0]
	}
	return fmt.Sprintf("%s and %d more", f.Functions[0], len(f.Functions)-1)
}

// verdict is the answer of the gate: nil is a yes.
func (r vulnsReport) verdict() error {
	bad := map[string]bool{}
	fixes := map[string][]string{} // by module
	for _, program := range r.Programs {
		for _, f := range program.Findings {
			if len(f.Functions) > 0 {
				bad[f.ID] = true
				fixes[f.Module] = append(fixes[f.Module], f.FixedIn)
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	var ways []string
	for _, module := range slices.Sorted(maps.Keys(fixes)) {
		ways = append(ways, wayOut(module, fixes[module]))
	}
	err := fmt.Errorf("vulnerable functions are linked in: %s", strings.Join(slices.Sorted(maps.Keys(bad)), ", "))
	return mg.Fatal(session.Refused, hint.Add(err, "%s", strings.Join(ways, "; ")))
}

// wayOut is what to do about the vulnerabilities of a module: to take the newest of the versions that fix one.
func wayOut(module string, fixes []string) string {
	if slices.Contains(fixes, "") {
		return module + " has no version with all fixes: call none of these functions, or another module's"
	}
	fixed := slices.MaxFunc(fixes, semver.Compare)
	if module == "stdlib" {
		module, fixed = "toolchain", "go"+strings.TrimPrefix(fixed, "v")
	}
	return "go get " + menu.Quote(module) + "@" + menu.Quote(fixed)
}
