package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Given is what decides the input variables of a configuration. The zero value compares nothing.
type Given struct {
	Variables map[string]string // what these targets pass, by name
	LookupEnv func(string) (string, bool)
}

// assignment is a value that a file has for an input variable, or in its place.
type assignment struct {
	name  string
	value *string // nil for null, which sets nothing
	stray Stray   // what it is if these targets pass another value, without its problem
}

// Variables names the input variables that the configuration in dir declares.
func Variables(dir string) ([]string, error) {
	c, err := readConfiguration(dir)
	return c.declared, err
}

// readValues reads the files that Terraform loads by itself, in its order.
func (c *configuration) readValues(dir string, found []os.DirEntry) {
	names := []string{"terraform.tfvars", "terraform.tfvars.json"}
	for _, candidate := range found {
		name := candidate.Name()
		if strings.HasSuffix(name, ".auto.tfvars") || strings.HasSuffix(name, ".auto.tfvars.json") {
			names = append(names, name)
		}
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		body := parseFile(path, strings.HasSuffix(name, ".json"))
		if body == nil {
			continue
		}
		attributes, _ := body.JustAttributes()
		for _, attr := range attributes {
			c.assign(path, attr, "remove this line, or set "+attr.Name+" in locals.tf")
		}
	}
}

func (c *configuration) assign(path string, attr *hcl.Attribute, fix string) {
	val, diags := attr.Expr.Value(nil)
	e := assignment{name: attr.Name, stray: Stray{File: path, Line: attr.Range.Start.Line, Fix: fix}}
	switch {
	case diags.HasErrors() || !val.IsNull() && val.Type() != cty.String:
		return // these targets pass strings only
	case !val.IsNull():
		value := val.AsString()
		e.value = &value
	}
	c.assigned = append(c.assigned, e)
}

// contradictions are the values that differ from what these targets pass: plain terraform would work elsewhere. Of several
// values only the one that counts there is compared. Variables of the user's own are not compared.
func (c *configuration) contradictions(given Given) []Stray {
	var all []Stray
	for _, name := range c.declared {
		want, passed := given.Variables[name]
		if !passed {
			continue
		}
		counts := assignment{name: name, stray: Stray{File: "TF_VAR_" + name, Fix: "unset TF_VAR_" + name}}
		if value, ok := given.LookupEnv("TF_VAR_" + name); ok {
			counts.value = &value
		}
		for _, e := range c.assigned {
			if e.name == name {
				counts = e
			}
		}
		if counts.value == nil || *counts.value == want {
			continue
		}
		counts.stray.Problem = fmt.Sprintf("is %q, and these targets pass %q", *counts.value, want)
		if counts.stray.Line != 0 {
			counts.stray.Problem = name + " " + counts.stray.Problem
		}
		all = append(all, counts.stray)
	}
	return all
}
