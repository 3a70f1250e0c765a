package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Plan finds out what an apply would do and saves it in file for [Terraform.Apply]. A plan file holds everything the
// state does, secrets too, so it is readable by its owner only. Nothing is streamed: the result is for the caller to
// show.
//
// It is read off terraform's events. Only what they do not tell, the values of changed attributes, takes a second run.
func (t *Terraform) Plan(ctx context.Context, file string) (Plan, error) {
	file, err := private(file)
	if err != nil {
		return Plan{}, err
	}
	plan, err := t.plan(ctx, nil, tfexec.Out(file))
	if err == nil && plan.differs() {
		err = t.details(ctx, file, &plan)
	}
	if err != nil {
		_ = os.Remove(file) // it must not be applied unseen
		return Plan{}, err
	}
	return plan, nil
}

// PlanJSON writes what an apply would do to w as terraform's own stream of events, one JSON object a line, and returns
// its sum. It saves nothing.
func (t *Terraform) PlanJSON(ctx context.Context, w io.Writer) (Plan, error) {
	return t.plan(ctx, w)
}

func (t *Terraform) plan(ctx context.Context, w io.Writer, options ...tfexec.PlanOption) (plan Plan, err error) {
	var events *eventReader
	// terraform's errors are events here: so the error repeats them for people.
	err = t.run(ctx,
		command{
			name: "plan", stdout: w, quiet: true,
			call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) (err error) {
				events = newEventReader(func(text string) { s.keep([]byte(text + "\n")) })
				release := s.hold()
				// terraform-exec sets stdout itself, after asking for the version.
				plan.Changes, err = tf.PlanJSON(ctx, io.MultiWriter(s.out(), events), t.planOptions(options...)...)
				if !errors.Is(diagnose(s.words()), ErrNotInitialised) { // else a second try has other events
					release()
				}
				return err
			},
		})
	if err != nil {
		return Plan{}, err
	}
	plan.Actions, plan.Drift = sortByAddress(events.changes), sortByAddress(events.drift)
	plan.Outputs, plan.Warnings = sortByAddress(events.outputs), events.warnings
	return plan, nil
}

// Text streams a saved plan in terraform's own words.
func (t *Terraform) Text(ctx context.Context, file string) error {
	return t.run(ctx, command{name: "show", call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
		text, err := tf.ShowPlanFileRaw(ctx, file)
		if err == nil && t.options.Stdout != nil {
			s.write(t.options.Stdout, []byte(text+"\n"))
		}
		return err
	}})
}

func (t *Terraform) planOptions(options ...tfexec.PlanOption) []tfexec.PlanOption {
	options = append(options, tfexec.Lock(!t.options.Locked), t.lockTimeout())
	for _, v := range t.vars() {
		options = append(options, v)
	}
	return options
}

// private makes an empty file that only its owner can read, which terraform then fills, and returns its absolute path.
func private(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("making plan file %q: %w", file, err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", fmt.Errorf("making plan file %q: %w", file, err)
	}
	_ = os.Remove(abs) // one with wider permissions would keep them
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("making plan file %q: %w", file, err)
	}
	return abs, f.Close()
}
