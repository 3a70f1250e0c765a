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
	value cty.Value
	stray Stray // what it is if these targets pass another value, without its problem
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
		if strings.HasSuffix(strings.TrimSuffix(candidate.Name(), ".json"), ".auto.tfvars") {
			names = append(names, candidate.Name())
		}
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		attributes, _ := parseFile(path, strings.HasSuffix(name, ".json")).JustAttributes()
		for _, attr := range attributes {
			c.assign(path, attr, "remove this line, or set "+attr.Name+" in locals.tf")
		}
	}
}

func (c *configuration) assign(path string, attr *hcl.Attribute, fix string) {
	if value, known := literal(attr); known {
		c.assigned = append(c.assigned, assignment{attr.Name, value, Stray{path, attr.Range.Start.Line, "", fix}})
	}
}

// contradictions are the values that differ from what these targets pass: plain terraform would work elsewhere. Of
// several values only the one that counts there is compared.
func (c *configuration) contradictions(given Given) []Stray {
	var all []Stray
	for _, name := range c.declared {
		want, passed := given.Variables[name]
		if !passed {
			continue
		}
		counts := assignment{name, cty.NullVal(cty.String), Stray{"TF_VAR_" + name, 0, "", "unset TF_VAR_" + name}}
		if value, _ := given.LookupEnv("TF_VAR_" + name); value != "" {
			counts.value = cty.StringVal(value)
		}
		for _, a := range c.assigned {
			if a.name == name {
				counts = a
			}
		}
		if counts.value.IsNull() || counts.value.Type() != cty.String || counts.value.AsString() == want {
			continue
		}
		counts.stray.Problem = fmt.Sprintf("is %q, and these targets pass %q", counts.value.AsString(), want)
		if counts.stray.Line != 0 {
			counts.stray.Problem = name + " " + counts.stray.Problem
		}
		all = append(all, counts.stray)
	}
	return all
}
