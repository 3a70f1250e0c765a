package terraform

import (
	"context"
	"errors"
	"io"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Plan finds out what an apply would do and saves it in file, an absolute path, for [Terraform.Apply]. A plan file
// holds secrets, so its folder should be private, and removed afterwards. Nothing is streamed. It is read off
// terraform's events; only the values of changed attributes take a second run.
func (t *Terraform) Plan(ctx context.Context, file string) (Plan, error) {
	plan, err := t.plan(ctx, nil, tfexec.Out(file))
	if err == nil && plan.differs() {
		err = t.details(ctx, file, &plan)
	}
	return plan, err
}

// PlanJSON writes terraform's own stream of events to w, one JSON object a line, and returns its sum. It saves nothing.
func (t *Terraform) PlanJSON(ctx context.Context, w io.Writer) (Plan, error) { return t.plan(ctx, w) }

func (t *Terraform) plan(ctx context.Context, w io.Writer, options ...tfexec.PlanOption) (plan Plan, err error) {
	var events *eventReader
	// terraform's errors are events here: so the error repeats them for people.
	err = t.run(ctx, command{
		name: "plan", stdout: w, quiet: true, attaches: true,
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
	plan.Outputs, plan.Warnings = sortByAddress(events.outputs), append([]string{}, events.warnings...)
	plan.Destroys = t.options.Destroys
	return plan, nil
}

// Text streams a saved plan in terraform's own words.
func (t *Terraform) Text(ctx context.Context, file string) error {
	return t.show(ctx, func(ctx context.Context, tf *tfexec.Terraform, s *stream) error {
		text, err := tf.ShowPlanFileRaw(ctx, file, tfexec.Reattach(t.provider))
		if err == nil && t.options.Stdout != nil {
			s.write(t.options.Stdout, []byte(text+"\n"))
		}
		return err
	})
}

func (t *Terraform) planOptions(options ...tfexec.PlanOption) []tfexec.PlanOption {
	options = append(options, tfexec.Lock(!t.options.Locked), tfexec.Destroy(t.options.Destroys), t.lockTimeout(),
		tfexec.Reattach(t.provider))
	for _, v := range t.vars() {
		options = append(options, v)
	}
	return options
}
