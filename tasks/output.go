package tasks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"envoy-proxy-poc/tasks/state"
	"envoy-proxy-poc/tasks/terraform"
)

// Output prints Terraform's outputs, a line each, or all of them as `terraform output -json` does. They are read from the state
// itself; Terraform is asked where its format is not known.
func Output(ctx context.Context, asJSON bool) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		client, err := s.stateClient(ctx)
		if err != nil {
			return err
		}
		text, err := state.Read(ctx, client, s.bucket(), s.Backend.Key)
		if err != nil {
			return s.explain(err)
		}
		outputs, err := terraform.Outputs(text)
		if errors.Is(err, terraform.ErrFormat) {
			outputs, err = s.askOutputs(ctx)
		}
		if err != nil {
			return err
		}
		if len(outputs) == 0 {
			s.Say("no outputs: nothing is deployed; that is done by: %s", typed("deploy"))
		}
		if asJSON {
			return s.JSON(outputs)
		}
		for _, name := range slices.Sorted(maps.Keys(outputs)) {
			s.Answer("%s = %s", name, plain(outputs[name]))
		}
		return s.Err()
	})
}

// askOutputs reads the outputs with Terraform, which takes no lock for it.
func (s *session) askOutputs(ctx context.Context) (outputs map[string]terraform.Output, err error) {
	d, err := s.terraform(ctx, 0)
	if err != nil {
		return nil, err
	}
	if err := d.init(ctx); err != nil {
		return nil, err
	}
	err = d.run(s.Story(), func(tf *terraform.Terraform) (err error) {
		outputs, err = tf.Output(ctx)
		return err
	})
	return outputs, err
}

// plain is a value for people: a string without quotes, anything else as compact JSON.
func plain(output terraform.Output) string {
	if output.Sensitive {
		return "(sensitive: -json shows it)"
	}
	var text string
	if json.Unmarshal(output.Value, &text) == nil {
		return text
	}
	var compact bytes.Buffer
	if json.Compact(&compact, output.Value) != nil {
		return string(output.Value)
	}
	return compact.String()
}
