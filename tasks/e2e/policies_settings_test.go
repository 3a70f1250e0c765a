package e2e_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// localsFile is the file whose every setting TestWorkflows changes.
const localsFile = "terraform/04-ecr-repositories/locals.tf"

// third is the repository that TestWorkflows adds.
const third = "cfndev-envoy-proxy-poc-third"

// changes are another value for each setting of locals.tf, as HCL; "" takes the setting out.
var changes = map[string]string{
	"account_id":           `"000000000000"`, // of the local AWS
	"image_tag_mutability": `"IMMUTABLE"`,
	"scan_on_push":         `false`,
	"retention_days":       `14`,
	"source_url":           `"https://example.com/poc"`,
	"tags.Project":         `"${local.project} 2"`,
	"tags.Environment":     `upper(local.environment)`,
	"tags.ManagedBy":       `"Terraform"`,
	"tags.Purpose":         `"Another purpose"`,
	"tags.Section":         ``,

	// A new name is another repository, and deploy refuses to replace one. So the names are written out, and the project
	// and the environment change tags alone.
	"repositories.app.name":    `"cfndev-envoy-proxy-poc-app"`,
	"repositories.client.name": `"cfndev-envoy-proxy-poc-client"`,
	"project":                  `"another-project"`,
	"environment":              `"staging"`,
}

// unchanged are the settings that no role's permissions depend on. The policies are for one region, which deploy
// refuses to change. The profile says who asks.
var unchanged = []string{"profile", "region"}

// TestEverySettingIsChanged wants a case in this file for each setting of locals.tf, a new one too.
func TestEverySettingIsChanged(t *testing.T) {
	found := slices.Sorted(maps.Keys(settingsOf(t, []byte(read(t, "../../"+localsFile)))))
	known := slices.Sorted(maps.Keys(changes))
	known = append(known, unchanged...)
	if slices.Sort(known); !slices.Equal(found, known) {
		t.Errorf("locals.tf has the settings\n%q, and this file knows\n%q", found, known)
	}
}

// changeEverySetting gives each setting of locals.tf another value, and adds a third repository with its program.
func (r *runner) changeEverySetting() {
	r.t.Helper()
	path := filepath.Join(r.dir, localsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	settings := settingsOf(r.t, text)
	// From the end of the file to its beginning, so that the places of the others stay right.
	names := slices.SortedFunc(maps.Keys(changes), func(a, b string) int {
		return settings[b].all.Start.Byte - settings[a].all.Start.Byte
	})
	for _, name := range names {
		at, value := settings[name].value, changes[name]
		if value == "" {
			at = settings[name].all
		}
		if string(text[at.Start.Byte:at.End.Byte]) == value {
			r.t.Errorf("%s is %s already: want another value in this test", name, value)
		}
		text = slices.Concat(text[:at.Start.Byte], []byte(value), text[at.End.Byte:])
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.edit(localsFile, "repositories = {", "repositories = {\n    third = { name = \""+third+"\" }")
	if err := copyTree(filepath.Join(r.dir, "apps/client"), filepath.Join(r.dir, "apps/third")); err != nil {
		r.t.Fatal(err)
	}
}

// setting is where a setting's value stands, and where the whole of it with its name.
type setting struct{ value, all hcl.Range }

// settingsOf finds the settings of locals.tf, those within objects as tags.Project.
func settingsOf(t *testing.T, text []byte) map[string]setting {
	t.Helper()
	file, diags := hclsyntax.ParseConfig(text, localsFile, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	found := map[string]setting{}
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		for name, attribute := range block.Body.Attributes {
			addSetting(t, found, name, attribute.Expr, attribute.NameRange)
		}
	}
	return found
}

func addSetting(t *testing.T, found map[string]setting, name string, value hclsyntax.Expression, key hcl.Range) {
	t.Helper()
	object, nested := value.(*hclsyntax.ObjectConsExpr)
	if !nested {
		found[name] = setting{value: value.Range(), all: hcl.RangeBetween(key, value.Range())}
		return
	}
	for _, item := range object.Items {
		within, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		addSetting(t, found, name+"."+within.AsString(), item.ValueExpr, item.KeyExpr.Range())
	}
}
