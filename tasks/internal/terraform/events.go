package terraform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/lines"
)

// eventReader takes what a plan says from its stream of events, and ignores other lines.
type eventReader struct {
	changes, drift, outputs []Change
	warnings, failures      []string
	failure                 func(text string)
	lines.Writer
}

func newEventReader(failure func(text string)) *eventReader {
	r := &eventReader{failure: failure}
	r.Take = r.read
	return r
}

type uiEvent struct {
	Type       string                             `json:"type"`
	Change     plannedChange                      `json:"change"`
	Outputs    map[string]struct{ Action string } `json:"outputs"`
	Diagnostic diagnostic                         `json:"diagnostic"`
}

type plannedChange struct {
	Action   string   `json:"action"`
	Resource resource `json:"resource"`
	Previous resource `json:"previous_resource"`
	Import   struct {
		ID string `json:"id"`
	} `json:"importing"`
}

type resource struct {
	Address string `json:"addr"`
	Type    string `json:"resource_type"`
}

func (r *eventReader) read(line string) {
	var e uiEvent
	if json.Unmarshal([]byte(line), &e) != nil {
		return
	}
	switch e.Type {
	case "planned_change":
		r.changes = appendChange(r.changes, e.Change)
	case "resource_drift":
		r.drift = appendChange(r.drift, e.Change)
	case "outputs":
		for name, output := range e.Outputs {
			if output.Action != "" && output.Action != "noop" {
				r.outputs = append(r.outputs, Change{Address: name, Action: output.Action})
			}
		}
	case "diagnostic":
		switch text := e.Diagnostic.text(); {
		case slices.Contains(r.failures, text): // of another instance of the same resource
		case e.Diagnostic.Severity == "error":
			r.failures = append(r.failures, text)
			r.failure("Error: " + text)
		case e.Diagnostic.Summary != notYet:
			r.warnings = append(r.warnings, text)
		}
	}
}

// notYet is a warning of every plan that makes something a check block asks about: the apply will tell.
const notYet = "Check block assertion known after apply"

func appendChange(list []Change, c plannedChange) []Change {
	action := c.Action
	switch action {
	case "noop":
		return list
	case "remove":
		action = "forget" // the word of terraform's plan files
	}
	from := c.Previous.Address
	if action == "import" {
		from = c.Import.ID
	}
	return append(list, Change{Address: c.Resource.Address, Type: c.Resource.Type, Action: action, From: from})
}

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
