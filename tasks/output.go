package tasks

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"envoy-proxy-poc/tasks/terraform"
)

// Output prints Terraform's outputs, a line each, or all of them as `terraform output -json` does.
func Output(ctx context.Context, asJSON bool) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		if _, err := s.stateClient(ctx); err != nil {
			return err
		}
		d, err := s.terraform(ctx, 0) // reading outputs takes no lock
		if err != nil {
			return err
		}
		if err := d.init(ctx); err != nil {
			return err
		}
		var outputs map[string]terraform.Output
		err = d.run(s.Story(), func(tf *terraform.Terraform) (err error) {
			outputs, err = tf.Output(ctx)
			return err
		})
		if err != nil {
			return err
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
