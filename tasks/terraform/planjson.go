package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// PlanJSON writes what an apply would do to w as terraform's own stream of events, one JSON object a line, and returns its sum.
// It saves nothing.
func (t *Terraform) PlanJSON(ctx context.Context, w io.Writer) (Plan, error) {
	plan := Plan{}
	events := &eventReader{}
	// terraform's errors are events here, and w is for programs: so the error repeats them for people.
	err := t.run(ctx, command{name: "plan", stdout: w, quiet: true, call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) (err error) {
		passed := s.out()
		events.failure = func(text string) { s.keep([]byte(text)) }
		// terraform-exec sets stdout itself, after asking for the version.
		plan.Changes, err = tf.PlanJSON(ctx, io.MultiWriter(passed, events), t.planOptions()...)
		return err
	}})
	if err != nil {
		return Plan{}, err
	}
	plan.Actions = byAddress(events.changes)
	return plan, nil
}

// eventReader takes the planned changes and the errors from a stream of events. Lines may be of any length and come in pieces.
// It never fails: what is no event is none.
type eventReader struct {
	changes []Change
	failure func(text string)
	partial []byte
}

func (r *eventReader) Write(p []byte) (int, error) {
	r.partial = append(r.partial, p...)
	for {
		line, rest, found := bytes.Cut(r.partial, []byte("\n"))
		if !found {
			return len(p), nil
		}
		r.read(line)
		r.partial = append([]byte(nil), rest...)
	}
}

func (r *eventReader) read(line []byte) {
	var event struct {
		Type   string `json:"type"`
		Change struct {
			Action   string `json:"action"`
			Resource struct {
				Addr string `json:"addr"`
				Type string `json:"resource_type"`
			} `json:"resource"`
		} `json:"change"`
		Diagnostic struct{ Severity, Summary, Detail string } `json:"diagnostic"`
	}
	if json.Unmarshal(line, &event) != nil {
		return
	}
	switch {
	case event.Type == "planned_change":
		action := event.Change.Action
		if action == "remove" {
			action = "forget" // the word of terraform's plan files
		}
		if action != "noop" {
			r.changes = append(r.changes, Change{Address: event.Change.Resource.Addr, Type: event.Change.Resource.Type, Action: action})
		}
	case event.Type == "diagnostic" && event.Diagnostic.Severity == "error":
		r.failure(fmt.Sprintf("Error: %s\n\n%s\n", event.Diagnostic.Summary, event.Diagnostic.Detail))
	}
}
