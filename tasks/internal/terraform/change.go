package terraform

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

// Plan is what an apply would do, and what drift -json prints. Its lists are never nil.
type Plan struct {
	Destroys bool     `json:"-"`       // it is a plan to delete all that the state holds
	Changes  bool     `json:"changes"` // there is something to do: resources, moves or outputs
	Actions  []Change `json:"actions"` // resources that an apply would touch, by address
	// Drift is what was changed outside of terraform since its last apply. An apply undoes it only where Actions say so.
	Drift    []Change `json:"drift"`
	Outputs  []Change `json:"outputs"`  // outputs that would change, by name
	Warnings []string `json:"warnings"` // terraform's own words
}

// Change is what happens to one resource, or to one output.
type Change struct {
	Address    string      `json:"address"`              // such as aws_ecr_repository.this["app"]; of an output its name
	Type       string      `json:"type,omitempty"`       // such as aws_ecr_repository
	Action     string      `json:"action"`               // create, update, delete, replace, read, move, import or forget
	From       string      `json:"from,omitempty"`       // the address before a move, or what is imported
	Attributes []Attribute `json:"attributes,omitempty"` // what differs, of an update, a replacement or a drift
	Name       string      `json:"-"`                    // of a resource that has one: what it is before the change
	ARN        string      `json:"-"`                    // likewise
	// Repository and Policy are those of a lifecycle policy that is created or changed, where they are known.
	Repository, Policy string `json:"-"`
}

// Attribute is one value that differs. Old and New are JSON, or words in parentheses where there is nothing to show.
type Attribute struct {
	Path     string `json:"path"` // such as tags.Name or policy.rules[0].selection.countNumber
	Old      string `json:"old"`
	New      string `json:"new"`
	Replaces bool   `json:"replaces,omitempty"` // it cannot be changed in place: it is why the resource is replaced
}

// Deletes are the addresses of a type's resources that the plan deletes or replaces.
func (p Plan) Deletes(resourceType string) []string {
	var addresses []string
	for _, c := range p.Actions {
		if c.Type == resourceType && (c.Action == "delete" || c.Action == "replace") {
			addresses = append(addresses, c.Address)
		}
	}
	return addresses
}

// Counts are how many resources are made, changed in place and removed; a replacement is made and removed.
func (p Plan) Counts() (add, change, destroy int) {
	for _, c := range p.Actions {
		switch c.Action {
		case "create":
			add++
		case "update":
			change++
		case "delete":
			destroy++
		case "replace":
			add++
			destroy++
		}
	}
	return add, change, destroy
}

// differs tells whether somebody has to know the attributes: what changes or is deleted, or the lifecycle policy that
// an existing repository gets.
func (p Plan) differs() bool {
	created := map[string]int{}
	for _, c := range p.Actions {
		if c.Action == "update" || c.Action == "replace" || c.Action == "delete" {
			return true
		}
		if c.Action == "create" {
			created[c.Type]++
		}
	}
	return len(p.Drift) > 0 || created["aws_ecr_lifecycle_policy"] > created["aws_ecr_repository"]
}

func sortByAddress(list []Change) []Change {
	list = append([]Change{}, list...)
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Address, b.Address) })
	return list
}

func (t *Terraform) details(ctx context.Context, file string, plan *Plan) error {
	return t.show(ctx, func(ctx context.Context, tf *tfexec.Terraform, _ *stream) error {
		saved, err := tf.ShowPlanFile(ctx, file, tfexec.Reattach(t.provider))
		if err != nil {
			return err
		}
		describe(plan.Actions, saved.ResourceChanges)
		describe(plan.Drift, saved.ResourceDrift)
		// A provider reads nothing where there was an empty value: that is no drift to people.
		plan.Drift = slices.DeleteFunc(plan.Drift,
			func(c Change) bool { return c.Action == "update" && len(c.Attributes) == 0 })
		return nil
	})
}

func (t *Terraform) show(ctx context.Context, call func(context.Context, *tfexec.Terraform, *stream) error) error {
	return t.run(ctx, command{name: "show", attaches: true, call: call})
}

// describe leaves out of a replacement what only AWS decides: a new resource has all of that anew.
func describe(list []Change, found []*tfjson.ResourceChange) {
	byAddress := map[string]*tfjson.Change{}
	for _, r := range found {
		byAddress[r.Address] = r.Change
	}
	for i, c := range list {
		change := byAddress[c.Address]
		if change == nil {
			continue
		}
		before, _ := change.Before.(map[string]any)
		after, _ := change.After.(map[string]any)
		list[i].Policy, _ = after["policy"].(string)
		list[i].Repository, _ = after["repository"].(string)
		if c.Action == "create" {
			before = after
		}
		list[i].Name, _ = before["name"].(string)
		list[i].ARN, _ = before["arn"].(string)
		if c.Action != "update" && c.Action != "replace" {
			continue
		}
		list[i].Attributes = compare(change)
		if c.Action == "replace" {
			list[i].Attributes = slices.DeleteFunc(list[i].Attributes,
				func(a Attribute) bool { return a.New == unknown && !a.Replaces })
		}
	}
}
