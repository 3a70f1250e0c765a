package e2e_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// localsFile is the file of the settings. TestWorkflows changes each of them.
const localsFile = "terraform/04-ecr-repositories/locals.tf"

// third is the repository that TestWorkflows adds.
const third = "cfndev-envoy-proxy-poc-third"

// changes are another value for each setting of locals.tf, as HCL; "" takes the setting out.
var changes = map[string]string{
	"account_id":           `"000000000000"`, // of the local AWS
	"image_tag_mutability": `"IMMUTABLE"`,
	"scan_on_push":         `false`,
	"retention_days":       `14`,
	"protect_tags":         `{ "v*" = 20, latest = 1 }`,
	"readers":              `["arn:aws:iam::111111111111:root"]`,
	"environments":         `{ other = { account_id = "111111111111" } }`,
	"source_url":           `"https://example.com/poc"`,
	"tags.Project":         `"${local.project} 2"`,
	"tags.Environment":     `upper(local.environment)`,
	"tags.ManagedBy":       `"Terraform"`,
	"tags.Purpose":         `"Another purpose"`,
	"tags.Section":         ``,

	// A new name would make another repository, and deploy refuses to replace one. So changeEverySetting writes the names
	// out, and the project and the environment change only tags.
	"project":     `"another-project"`,
	"environment": `"staging"`,
}

// unchanged are the settings that are not changed. The policies are for one region, and deploy refuses to change the
// region or the key of a repository. The profile only chooses the credentials.
var unchanged = []string{"kms_key", "profile", "region"}

// TestEverySettingIsChanged wants each setting of locals.tf in the lists above.
func TestEverySettingIsChanged(t *testing.T) {
	found := slices.Sorted(maps.Keys(settingsOf(t, []byte(read(t, root+"/"+localsFile)))))
	found = slices.DeleteFunc(found, func(name string) bool { return strings.HasPrefix(name, "repositories.") })
	known := slices.Sorted(maps.Keys(changes))
	known = append(known, unchanged...)
	if slices.Sort(known); !slices.Equal(found, known) {
		t.Errorf("locals.tf has the settings\n%q, and the lists above have\n%q", found, known)
	}
}

// changeEverySetting gives each setting of locals.tf another value, and adds a third repository with its program.
func (r *runner) changeEverySetting() {
	r.t.Helper()
	path := filepath.Join(r.world.dir, localsFile)
	text := []byte(read(r.t, path))
	settings := settingsOf(r.t, text)
	changes := maps.Clone(changes)
	for _, repository := range loaded(r.t, r.world.dir).Repositories {
		changes["repositories."+repository.App+".name"] = strconv.Quote(repository.Name)
	}
	// From the end of the file to its beginning: a change moves only the places behind it.
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
	write(r.t, path, string(text))
	r.world.edit(localsFile, "repositories = {", "repositories = {\n    third = { name = \""+third+"\" }")
	if err := copyTree(filepath.Join(r.world.dir, "apps/client"), filepath.Join(r.world.dir, "apps/third")); err != nil {
		r.t.Fatal(err)
	}
}

// setting is the place of a setting's value, and the place of the whole setting with its name.
type setting struct{ value, all hcl.Range }

// settingsOf finds the settings of locals.tf. A setting within an object has a name such as tags.Project.
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
	if !nested || len(object.Items) == 0 {
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
