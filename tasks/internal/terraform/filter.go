package terraform

import (
	"io"
	"regexp"
	"strings"

	"envoy-proxy-poc/tasks/internal/lines"
)

// filter passes on the lines that are to be kept.
func filter(w io.Writer, keep func(line string) bool) io.Writer {
	return &lines.Writer{Take: func(line string) {
		if keep(line) {
			_, _ = io.WriteString(w, line+"\n")
		}
	}}
}

// withoutOutputs passes lines on up to the one that heads the outputs. They are somebody else's answer.
func withoutOutputs(w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	ended := false
	return filter(w, func(line string) bool {
		ended = ended || line == "Outputs:"
		return !ended
	})
}

// planBegins and planEnds are the lines around what terraform plans, in its words for people: the work begins after it.
var (
	planBegins = []string{"Terraform used the selected providers", "Note: Objects have changed outside of Terraform"}
	planEnds   = regexp.MustCompile(
		`^\S.*: (Destroying|Creating|Modifying)\.\.\.|^(Warning: |Destroy complete!|Interrupt received)`)
)

// withoutPlan passes lines on but for the plan, which repeats every value of all that goes.
func withoutPlan(w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	within := false
	return filter(w, func(line string) bool {
		for _, begins := range planBegins {
			within = within || strings.HasPrefix(line, begins)
		}
		within = within && !planEnds.MatchString(line)
		return !within
	})
}
