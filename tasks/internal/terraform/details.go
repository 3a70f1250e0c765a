package terraform

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

// details fills in what a saved plan changes of each resource.
func (t *Terraform) details(ctx context.Context, file string, plan *Plan) error {
	return t.run(ctx, command{name: "show", call: func(ctx context.Context, tf *tfexec.Terraform, _ *stream) error {
		saved, err := tf.ShowPlanFile(ctx, file)
		if err != nil {
			return err
		}
		describe(plan.Actions, saved.ResourceChanges)
		describe(plan.Drift, saved.ResourceDrift)
		plan.Drift = noticeable(plan.Drift)
		return nil
	}})
}

// describe leaves out of a replacement what only AWS decides: a new resource has all of that anew.
func describe(list []Change, found []*tfjson.ResourceChange) {
	byAddress := map[string]*tfjson.Change{}
	for _, r := range found {
		byAddress[r.Address] = r.Change
	}
	for i, c := range list {
		change := byAddress[c.Address]
		if change == nil || c.Action != "update" && c.Action != "replace" {
			continue
		}
		list[i].Attributes = compare(change)
		if c.Action == "replace" {
			list[i].Attributes = slices.DeleteFunc(list[i].Attributes,
				func(a Attribute) bool { return a.New == unknown && !a.Replaces })
		}
	}
}

// noticeable leaves out a drift that is none to people: a provider that reads nothing where there was an empty value.
func noticeable(drift []Change) []Change {
	var list []Change
	for _, c := range drift {
		if c.Action != "update" || len(c.Attributes) > 0 {
			list = append(list, c)
		}
	}
	return list
}
