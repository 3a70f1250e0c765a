package terraform

import (
	"fmt"
	"strings"
)

// diagnostic is an error or a warning of terraform, as its events hold it.
type diagnostic struct {
	Severity, Summary, Detail string
	Range                     *struct {
		Filename string
		Start    struct{ Line int }
	}
	Snippet *struct {
		Context   string
		Code      string
		StartLine int `json:"start_line"`
	}
}

// String has what terraform prints for people, without its box.
func (d diagnostic) String() string {
	return "Error: " + d.text()
}

func (d diagnostic) text() string {
	var b strings.Builder
	b.WriteString(d.Summary)
	if d.Range != nil {
		fmt.Fprintf(&b, "\n  on %s line %d", d.Range.Filename, d.Range.Start.Line)
		if d.Snippet != nil && d.Snippet.Context != "" {
			fmt.Fprintf(&b, ", in %s", d.Snippet.Context)
		}
		b.WriteString(":")
		if d.Snippet != nil {
			for i, line := range strings.Split(strings.TrimRight(d.Snippet.Code, "\n"), "\n") {
				fmt.Fprintf(&b, "\n  %3d: %s", d.Snippet.StartLine+i, line)
			}
		}
	}
	if d.Detail != "" {
		b.WriteString("\n" + strings.TrimSpace(d.Detail))
	}
	return b.String()
}
