package terraform

import (
	"slices"
	"strings"
)

// Plan is what an apply would do.
type Plan struct {
	// Changes tells whether there is anything to do: resources, moves or outputs.
	Changes bool
	// Actions are the resources an apply would touch, by address.
	Actions []Change
	// Drift is what was changed outside of terraform since its last apply. An apply undoes it only where Actions say so.
	Drift []Change
	// Outputs are the outputs that would change, by name.
	Outputs []Change
	// Warnings are terraform's, each in its own words.
	Warnings []string
}

// Change is what happens to one resource, or to one output.
type Change struct {
	Address string // such as aws_ecr_repository.this["app"]; of an output its name
	Type    string // such as aws_ecr_repository
	Action  string // create, update, delete, replace, read, move, import or forget
	// From is the address before a move, or what is imported.
	From string
	// Attributes are what differs, of an update, a replacement or a drift.
	Attributes []Attribute
}

// Attribute is one value that differs. Old and New are JSON, or words in parentheses where there is nothing to show.
type Attribute struct {
	Path     string // such as tags.Name or policy.rules[0].selection.countNumber
	Old, New string
	Replaces bool // it cannot be changed in place: it is why the resource is replaced
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

// Counts are how many resources are made, changed in place and removed; a replacement is one made and one removed.
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

// differs tells whether somebody would want to know what the attributes are.
func (p Plan) differs() bool {
	return len(p.Drift) > 0 || slices.ContainsFunc(p.Actions,
		func(c Change) bool { return c.Action == "update" || c.Action == "replace" })
}

func sortByAddress(list []Change) []Change {
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Address, b.Address) })
	return list
}
