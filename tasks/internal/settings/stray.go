package settings

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// Stray is one thing that makes Terraform use another state, another lock, or another identity than these targets do.
type Stray struct {
	File    string // or a variable of the environment
	Line    int    // 0: the file as a whole, which has to go
	Problem string
	Fix     string // what to do; empty where the file has to go
}

func (s Stray) String() string {
	if s.Line == 0 {
		return s.File + " " + s.Problem
	}
	return fmt.Sprintf("%s:%d: %s", s.File, s.Line, s.Problem)
}

// Strays reads every file that Terraform reads in dir, and what is set for its input variables. A file that cannot be
// parsed has no strays: Terraform refuses it, too.
func Strays(dir string, given Given) ([]Stray, error) {
	c, err := readConfiguration(dir)
	if err != nil {
		return nil, err
	}
	return append(c.strays, c.contradictions(given)...), nil
}

// configuration is what the files of a folder hold besides the settings.
type configuration struct {
	strays   []Stray
	declared []string     // input variables
	assigned []assignment // to the variables, or where the provider should use one. A later one beats an earlier one.
}

func readConfiguration(dir string) (configuration, error) {
	var c configuration
	found, err := os.ReadDir(dir)
	if err != nil {
		return c, fmt.Errorf("reading the configuration: %w", err)
	}
	c.readValues(dir, found)
	for _, candidate := range found {
		base, isJSON, ok := configFile(candidate.Name())
		path := filepath.Join(dir, candidate.Name())
		switch {
		case !ok || candidate.IsDir():
		case base == "override" || strings.HasSuffix(base, "_override"):
			c.strays = append(c.strays, Stray{
				File:    path,
				Problem: "is an override file: Terraform merges it into the configuration, and these targets do not read it",
			})
		default:
			c.read(path, isJSON)
		}
	}
	return c, nil
}

// configFile tells whether Terraform reads a file of this name: not the backup or the hidden file of an editor.
func configFile(name string) (base string, isJSON, ok bool) {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return "", false, false
	}
	if base, ok = strings.CutSuffix(name, ".tf"); ok {
		return base, false, true
	}
	base, ok = strings.CutSuffix(name, ".tf.json")
	return base, true, ok
}

// Schemas find a block in HCL's native syntax and in JSON alike.
var (
	fileSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "terraform"},
		{Type: "provider", LabelNames: []string{"name"}},
		{Type: "variable", LabelNames: []string{"name"}},
	}}
	terraformSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "backend", LabelNames: []string{"type"}}, {Type: "cloud"},
	}}
	argumentSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
		{Name: "use_lockfile"}, {Name: "alias"}, {Name: "region"}, {Name: "profile"},
	}}
)

func init() {
	for name := range elsewhere {
		argumentSchema.Attributes = append(argumentSchema.Attributes, hcl.AttributeSchema{Name: name})
		argumentSchema.Blocks = append(argumentSchema.Blocks, hcl.BlockHeaderSchema{Type: name})
	}
}

func (c *configuration) read(path string, isJSON bool) {
	known := filepath.Base(path) != "backend.tf" // the first S3 backend of backend.tf is the one that Backend is read from
	content, _, _ := parseFile(path, isJSON).PartialContent(fileSchema)
	for _, block := range content.Blocks {
		switch {
		case block.Type == "variable":
			c.declared = append(c.declared, block.Labels[0])
		case block.Type == "provider" && block.Labels[0] == "aws":
			c.readProvider(path, block)
		case block.Type == "terraform":
			content, _, _ := block.Body.PartialContent(terraformSchema)
			for _, block := range content.Blocks {
				c.readBackend(path, block, &known)
			}
		}
	}
}

// parseFile is empty for a file that Terraform refuses.
func parseFile(path string, isJSON bool) hcl.Body {
	parser := hclparse.NewParser()
	parse := parser.ParseHCLFile
	if isJSON {
		parse = parser.ParseJSONFile
	}
	parsed, diags := parse(path)
	if diags.HasErrors() {
		return hcl.EmptyBody()
	}
	return parsed.Body
}

// readBackend finds the arguments that lead away from the bucket or the lock. Any other or second backend is a stray.
func (c *configuration) readBackend(path string, block *hcl.Block, known *bool) {
	if *known || block.Type != "backend" || block.Labels[0] != "s3" {
		c.add(path, block.DefRange, strings.Join(append([]string{block.Type}, block.Labels...), " ")+
			": Terraform keeps the state in one place, and these targets know only the backend s3 in backend.tf",
			"remove this block")
		return
	}
	*known = true
	content, _, _ := block.Body.PartialContent(argumentSchema)
	if locks, known := literal(content.Attributes["use_lockfile"]); !known || !locks.RawEquals(cty.True) {
		c.add(path, block.DefRange,
			"use_lockfile is not true: Terraform takes no lock in the bucket, so two runs can overwrite the state",
			"set use_lockfile = true")
	}
	c.readElsewhere(path, content)
}

// readProvider finds the arguments of the default provider by which Terraform works elsewhere.
func (c *configuration) readProvider(path string, block *hcl.Block) {
	content, _, _ := block.Body.PartialContent(argumentSchema)
	switch {
	case hasEffect(content.Attributes["alias"]):
		return
	case filepath.Base(path) != "providers.tf":
		c.add(path, block.DefRange, "provider aws: these targets know only the default provider in providers.tf",
			"give this block an alias, or remove it")
		return
	}
	if attr := content.Attributes["region"]; attr != nil {
		c.assign(path, attr, "set region = local.aws_region")
	}
	if attr := content.Attributes["profile"]; hasEffect(attr) && len(attr.Expr.Variables()) == 0 {
		c.add(path, attr.Range, "profile: Terraform uses this profile always, and these targets may use another",
			"set profile = local.aws_profile")
	}
	c.readElsewhere(path, content)
}

// readElsewhere finds arguments of [elsewhere], written as attributes or as blocks.
func (c *configuration) readElsewhere(path string, content *hcl.BodyContent) {
	found := map[string]hcl.Range{}
	for _, block := range content.Blocks {
		found[block.Type] = block.DefRange
	}
	for name, attr := range content.Attributes {
		if elsewhere[name] != "" && hasEffect(attr) {
			found[name] = attr.Range
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		c.add(path, found[name], name+": Terraform uses it, and these targets do not", "remove "+name+" and "+elsewhere[name])
	}
}

func (c *configuration) add(path string, at hcl.Range, problem, fix string) {
	c.strays = append(c.strays, Stray{File: path, Line: at.Start.Line, Problem: problem, Fix: fix})
}

func hasEffect(attr *hcl.Attribute) bool {
	val, known := literal(attr)
	return !known || !val.IsNull() && !val.RawEquals(cty.StringVal(""))
}

// literal is the value of an argument, null where there is none. It is not known where it is more than a literal.
func literal(attr *hcl.Attribute) (val cty.Value, known bool) {
	if attr == nil {
		return cty.NullVal(cty.String), true
	}
	val, diags := attr.Expr.Value(nil)
	return val, !diags.HasErrors()
}
