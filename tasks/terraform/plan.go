package terraform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// Plan is what an apply would do.
type Plan struct {
	// Changes tells whether there is anything to do: resources, moves or outputs.
	Changes bool
	// Actions are the resources an apply would touch, by address.
	Actions []Change
}

// Change is what happens to one resource.
type Change struct {
	Address string // such as aws_ecr_repository.this["app"]
	Type    string // such as aws_ecr_repository
	Action  string // create, update, delete, replace, read, move, import or forget
}

// Deletes are the addresses of the resources of a type that the plan deletes, the replaced ones included.
func (p Plan) Deletes(resourceType string) []string {
	var addresses []string
	for _, c := range p.Actions {
		if c.Type == resourceType && (c.Action == "delete" || c.Action == "replace") {
			addresses = append(addresses, c.Address)
		}
	}
	return addresses
}

// Plan streams what an apply would do and saves it in file for [Terraform.Apply]. A plan file holds everything the state does,
// secrets too, so it is readable by its owner only.
//
// With no file it only streams, and the result has no Actions: reading them back from the file takes terraform a second run.
func (t *Terraform) Plan(ctx context.Context, file string) (Plan, error) {
	var options []tfexec.PlanOption
	if file != "" {
		abs, err := private(file)
		if err != nil {
			return Plan{}, err
		}
		file = abs
		options = append(options, tfexec.Out(file))
	}
	plan := Plan{}
	err := t.run(ctx, command{name: "plan", stdout: t.options.Stdout, call: func(ctx context.Context, tf *tfexec.Terraform, s *stream) (err error) {
		tf.SetStdout(s.out())
		plan.Changes, err = tf.Plan(ctx, t.planOptions(options...)...)
		return err
	}})
	if err == nil && plan.Changes && file != "" {
		plan.Actions, err = t.actions(ctx, file)
	}
	if err != nil {
		if file != "" {
			_ = os.Remove(file) // nobody should apply what was not looked at
		}
		return Plan{}, err
	}
	return plan, nil
}

func (t *Terraform) planOptions(options ...tfexec.PlanOption) []tfexec.PlanOption {
	options = append(options, t.lockTimeout())
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

// actions reads a saved plan.
func (t *Terraform) actions(ctx context.Context, file string) (list []Change, err error) {
	err = t.run(ctx, command{name: "show", call: func(ctx context.Context, tf *tfexec.Terraform, _ *stream) error {
		plan, err := tf.ShowPlanFile(ctx, file)
		if err != nil {
			return err
		}
		for _, r := range plan.ResourceChanges {
			words := make([]string, 0, 2)
			for _, a := range r.Change.Actions {
				words = append(words, string(a))
			}
			if action := action(words, r.PreviousAddress != "", r.Change.Importing != nil); action != "" {
				list = append(list, Change{Address: r.Address, Type: r.Type, Action: action})
			}
		}
		return nil
	}})
	return byAddress(list), err
}

func byAddress(list []Change) []Change {
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Address, b.Address) })
	return list
}

// action puts terraform's list of actions in one word; "" is nothing to do.
func action(words []string, moved, imported bool) string {
	switch {
	case slices.Contains(words, "delete") && slices.Contains(words, "create"):
		return "replace"
	case len(words) > 0 && words[0] != "no-op":
		return words[0]
	case imported:
		return "import"
	case moved:
		return "move"
	}
	return ""
}
