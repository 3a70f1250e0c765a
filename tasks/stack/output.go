package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// Output prints Terraform's outputs, a line each, or all of them as `terraform output -json` does.
func Output(ctx context.Context, asJSON bool) error {
	return Run(ctx, func(ctx context.Context, s *session.Session) error {
		outputs, err := readOutputs(ctx, s)
		if err != nil {
			return err
		}
		if len(outputs) == 0 {
			s.Say("there are no outputs yet: %s makes them", menu.Typed("deploy"))
		}
		if asJSON {
			text, err := json.MarshalIndent(outputs, "", "  ") // it escapes & and <, as Terraform does
			if err != nil {
				return err
			}
			s.Answer("%s", console.Lines(text))
			return s.Err()
		}
		for _, name := range slices.Sorted(maps.Keys(outputs)) {
			s.Answer("%s = %s", name, plain(outputs[name]))
		}
		return s.Err()
	})
}

// PlainTerraform prints the shell lines after which plain terraform works on the environment. Every command reads the
// environment from the variables, and keeps its data in a folder of its own.
func PlainTerraform(asJSON bool) error {
	if asJSON {
		return session.Mistake(errors.New("-terraform prints lines for a shell, and never JSON: leave -json out"))
	}
	if session.Local {
		return hint.Add(errors.New("mage local ends with this run: after these lines terraform would work on AWS"),
			"run %s in another terminal, then here: . .local/env; %s", strings.Replace(menu.Typed("serve"), " local", "", 1),
			strings.Replace(menu.Typed("output", "-terraform"), " local", "", 1))
	}
	s, err := OpenSession()
	if err != nil {
		return err
	}
	chosen := s.Settings.Environment
	directory := "terraform -chdir=" + menu.Quote(s.Project.Path(s.Project.TerraformDir()))
	if chosen.Given == "" {
		s.Answer("unset %s TF_VAR_environment TF_DATA_DIR", settings.EnvironmentVariable)
		s.Answer("%s init -reconfigure", directory)
	} else {
		s.Answer("export %s=%s TF_VAR_environment=%[2]s TF_DATA_DIR=%s", settings.EnvironmentVariable, chosen.Given,
			menu.Quote(DataDir(s)))
		arguments := chosen.Backend.Arguments()
		arguments["profile"] = s.AWS.Profile
		line := directory + " init -reconfigure"
		for _, name := range slices.Sorted(maps.Keys(arguments)) {
			line += " " + menu.Quote("-backend-config="+name+"="+arguments[name])
		}
		s.Answer("%s", line)
	}
	s.Answer("%s plan", directory)
	return s.Err()
}

// readOutputs reads the outputs from the state's object, which takes a fraction of a second; Terraform would need
// several seconds to be ready.
func readOutputs(ctx context.Context, s *session.Session) (map[string]state.Output, error) {
	if err := s.AWS.Check(ctx, "output"); err != nil {
		return nil, err
	}
	if err := checkBucket(ctx, s); err != nil {
		return nil, err
	}
	document, err := ReadState(ctx, s)
	return document.Outputs(), err
}

// plain is a value for people: a string without quotes, anything else as compact JSON.
func plain(output state.Output) string {
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
