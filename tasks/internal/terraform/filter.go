package terraform

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// filter passes on the lines that are to be kept. A line is whole when its end has come.
type filter struct {
	w       io.Writer
	keep    func(line string) bool
	partial []byte
}

func (f *filter) Write(p []byte) (int, error) {
	f.partial = append(f.partial, p...)
	for {
		end := bytes.IndexByte(f.partial, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		if f.keep(string(f.partial[:end])) {
			_, _ = f.w.Write(f.partial[:end])
		}
		f.partial = f.partial[end:]
	}
}

// withoutOutputs passes lines on up to the one that heads the outputs. They are somebody else's answer.
func withoutOutputs(w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	ended := false
	return &filter{w: w, keep: func(line string) bool {
		ended = ended || line == "Outputs:\n"
		return !ended
	}}
}

// planBegins and planEnds are the lines around what terraform plans, in its words for people: the work begins after it.
var (
	planBegins = []string{"Terraform used the selected providers", "Note: Objects have changed outside of Terraform"}
	planEnds   = regexp.MustCompile(`^\S.*: (Destroying|Creating|Modifying)\.\.\.|^(Warning: |Destroy complete!|Interrupt received)`)
)

// withoutPlan passes lines on but for the plan, which repeats every value of all that goes.
func withoutPlan(w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	within := false
	return &filter{w: w, keep: func(line string) bool {
		for _, begins := range planBegins {
			within = within || strings.HasPrefix(line, begins)
		}
		within = within && !planEnds.MatchString(line)
		return !within
	}}
}
