package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// Stray is one thing in a configuration that makes Terraform use another state, or another lock, than [Backend] names.
type Stray struct {
	File    string
	Line    int // 0: the file as a whole, which has to go
	Problem string
	Fix     string // what to do in the file; empty where the file has to go
}

func (s Stray) String() string {
	if s.Line == 0 {
		return s.File + " " + s.Problem
	}
	return fmt.Sprintf("%s:%d: %s", s.File, s.Line, s.Problem)
}

// Strays reads every file of the configuration in dir that Terraform reads, in the order of their names. A file that
// cannot be parsed has no strays: Terraform refuses it, too.
func Strays(dir string) ([]Stray, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	var strays []Stray
	for _, entry := range entries {
		base, isJSON, ok := configFile(entry.Name())
		path := filepath.Join(dir, entry.Name())
		switch {
		case !ok || entry.IsDir():
		case base == "override" || strings.HasSuffix(base, "_override"):
			strays = append(strays, Stray{
				File:    path,
				Problem: "is an override file: Terraform merges it into the configuration, and these targets do not read it",
			})
		default:
			strays = append(strays, straysIn(path, isJSON)...)
		}
	}
	return strays, nil
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
	fileSchema      = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}}
	terraformSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "backend", LabelNames: []string{"type"}}, {Type: "cloud"},
	}}
	backendSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
		{Name: "dynamodb_table"}, {Name: "endpoint"}, {Name: "endpoints"}, {Name: "use_lockfile"},
	}}
)

func straysIn(path string, isJSON bool) []Stray {
	parser := hclparse.NewParser()
	parse := parser.ParseHCLFile
	if isJSON {
		parse = parser.ParseJSONFile
	}
	parsed, diags := parse(path)
	if diags.HasErrors() {
		return nil
	}
	var strays []Stray
	known := filepath.Base(path) != "backend.tf" // the first S3 backend of backend.tf is the one that Backend is read from
	content, _, _ := parsed.Body.PartialContent(fileSchema)
	for _, terraform := range content.Blocks {
		content, _, _ := terraform.Body.PartialContent(terraformSchema)
		for _, block := range content.Blocks {
			if !known && block.Type == "backend" && block.Labels[0] == "s3" {
				known = true
				strays = append(strays, straysOf(path, block)...)
				continue
			}
			strays = append(strays, Stray{
				File: path, Line: block.DefRange.Start.Line, Fix: "remove this block",
				Problem: strings.Join(append([]string{block.Type}, block.Labels...), " ") +
					": Terraform keeps the state in one place, and these targets know only the backend s3 in backend.tf",
			})
		}
	}
	return strays
}

// straysOf are the arguments of the S3 backend that lead away from the bucket or from the lock in it.
func straysOf(path string, backend *hcl.Block) []Stray {
	var strays []Stray
	add := func(attr *hcl.Attribute, problem, fix string) {
		strays = append(strays, Stray{File: path, Line: attr.Range.Start.Line, Problem: attr.Name + problem, Fix: fix})
	}
	content, _, _ := backend.Body.PartialContent(backendSchema)
	if attr := content.Attributes["dynamodb_table"]; hasEffect(attr) {
		add(attr, ": Terraform locks the state in DynamoDB, and these targets do not see that lock",
			"finish the move to use_lockfile: set use_lockfile = true and remove dynamodb_table")
	}
	if !isTrue(content.Attributes["use_lockfile"]) {
		strays = append(strays, Stray{
			File: path, Line: backend.DefRange.Start.Line, Fix: "set use_lockfile = true",
			Problem: "use_lockfile is not true: Terraform takes no lock in the bucket, so two runs can overwrite the state",
		})
	}
	for _, name := range []string{"endpoint", "endpoints"} {
		if attr := content.Attributes[name]; hasEffect(attr) {
			add(attr, ": Terraform looks for the state at this address, and these targets do not",
				"remove "+name+" and set endpoint_url in the AWS profile")
		}
	}
	return strays
}

// isTrue is whether an argument is the literal true.
func isTrue(attr *hcl.Attribute) bool {
	if attr == nil {
		return false
	}
	val, diags := attr.Expr.Value(nil)
	return !diags.HasErrors() && val.RawEquals(cty.True)
}

// hasEffect is whether an argument has an effect: null and an empty string have none.
func hasEffect(attr *hcl.Attribute) bool {
	if attr == nil {
		return false
	}
	val, diags := attr.Expr.Value(nil)
	return diags.HasErrors() || !val.IsNull() && !val.RawEquals(cty.StringVal(""))
}
