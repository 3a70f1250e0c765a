package settings

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// folder is what the tests start from. Its values are those of the real folder before anybody made it theirs.
const (
	folder     = "testdata/project"
	realFolder = "../../../terraform/04-ecr-repositories"
)

// The real folder can be read, and the settings in it are those that the tests know, in their order.
func TestTheRealFolder(t *testing.T) {
	got, err := Load(realFolder, Override{})
	if err != nil || len(got.Repositories) == 0 {
		t.Errorf("%v has no repositories, or an error: %v", got, err)
	}
	named := regexp.MustCompile(`(?m)^  (\w+) *=`)
	names := map[string][]string{}
	for _, dir := range []string{realFolder, folder} {
		text, err := os.ReadFile(filepath.Join(dir, "locals.tf"))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range named.FindAllSubmatch(text, -1) {
			names[dir] = append(names[dir], string(found[1]))
		}
	}
	if !slices.Equal(names[realFolder], names[folder]) {
		t.Errorf("locals.tf has the settings\n%q, and %s\n%q: add there what is new", names[realFolder], folder,
			names[folder])
	}
}

func TestLoadReadsTheFolder(t *testing.T) {
	got, err := Load(folder, Override{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Repository{{"app", "cfndev-envoy-proxy-poc-app"}, {"client", "cfndev-envoy-proxy-poc-client"}}
	if !slices.Equal(got.Repositories, want) {
		t.Errorf("Repositories = %v, want %v", got.Repositories, want)
	}
	wantBackend := Backend{
		Bucket: "cfndev-envoy-proxy-poc-terraform-state", Key: "04-ecr-repositories/terraform.tfstate",
		Region: "us-west-2", Profile: "avive-cfndev-k8s",
	}
	if got.Backend != wantBackend {
		t.Errorf("Backend = %+v, want %+v", got.Backend, wantBackend)
	}
	if got.Region != "us-west-2" || got.Profile != "avive-cfndev-k8s" || got.Account != "" || got.SourceURL != "" {
		t.Errorf("Region, Profile, Account, SourceURL = %q, %q, %q, %q", got.Region, got.Profile, got.Account, got.SourceURL)
	}
	wantTags := []string{"Environment", "ManagedBy", "Project", "Purpose", "Section"}
	if keys := slices.Sorted(maps.Keys(got.Tags)); !slices.Equal(keys, wantTags) {
		t.Errorf("Tags = %v, want the keys %v", got.Tags, wantTags)
	}
	if got.RequiredVersion != ">= 1.11.0, < 2.0.0" || len(got.Warnings) != 0 {
		t.Errorf("RequiredVersion, Warnings = %q, %q", got.RequiredVersion, got.Warnings)
	}
}

func TestAThirdImageIsOneMoreEntry(t *testing.T) {
	dir := edited(t, "locals.tf", "  repositories = {\n",
		"  repositories = {\n    bench = { name = \"${local.environment}-bench\" }\n")
	got, err := Load(dir, Override{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Repositories) != 3 || got.Repositories[1] != (Repository{"bench", "cfndev-bench"}) {
		t.Errorf("Repositories = %v, want bench between app and client", got.Repositories)
	}
}

func TestRecipe(t *testing.T) {
	dir := edited(t, "locals.tf", "  repositories = {\n", `  repositories = {
    web = {
      name       = "web"
      engine     = "docker"
      build_args = { NODE = "24" }
      context    = "web/src"
      target     = "final"
      platforms  = ["linux/amd64", "linux/arm64"]
    }
`)
	got, err := Load(dir, Override{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Recipe{"app": {}, "client": {}, "web": {
		"docker", map[string]string{"NODE": "24"}, "web/src", "final", []string{"linux/amd64", "linux/arm64"},
	}}
	if !reflect.DeepEqual(got.Recipes, want) {
		t.Errorf("Recipes = %v, want %v", got.Recipes, want)
	}
}

func TestProtectedTags(t *testing.T) {
	if got, err := Load(folder, Override{}); err != nil || got.ProtectTags != nil {
		t.Errorf("ProtectTags of the folder = %q, %v", got.ProtectTags, err)
	}
	for _, patterns := range []string{`{ latest = 1, "v*" = 20 }`, `merge({ "v*" = 20 }, { latest = 1 })`} {
		got, err := Load(edited(t, "locals.tf", "= {} #", "= "+patterns+" #"), Override{})
		if err != nil || !slices.Equal(got.ProtectTags, []string{"latest", "v*"}) {
			t.Errorf("ProtectTags of %s = %q, %v", patterns, got.ProtectTags, err)
		}
	}
	dir := edited(t, "locals.tf", "= {} #", "= { "+manyPatterns(49)+" } #")
	if got, err := Load(dir, Override{}); err != nil || len(got.ProtectTags) != 49 {
		t.Errorf("49 patterns: %d, %v", len(got.ProtectTags), err)
	}
}

func TestOptionalSettings(t *testing.T) {
	dir := edited(t, "locals.tf", "account_id = null", `account_id = "000123456789"`)
	edit(t, dir, "locals.tf", "source_url = null", `source_url = "https://example.org/poc.git"`)
	edit(t, dir, "backend.tf", "    profile      = \"avive-cfndev-k8s\"\n", "")
	edit(t, dir, "terraform.tf", `required_version = ">= 1.11.0, < 2.0.0"`, "")
	got, err := Load(dir, Override{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Account != "000123456789" || got.SourceURL != "https://example.org/poc.git" {
		t.Errorf("Account, SourceURL = %q, %q", got.Account, got.SourceURL)
	}
	if got.Backend.Profile != "" || got.RequiredVersion != "" {
		t.Errorf("Backend, RequiredVersion = %+v, %q", got.Backend, got.RequiredVersion)
	}
}

// An engineer may add locals that only Terraform can evaluate, as long as no setting needs them.
func TestOtherLocalsAreTerraformsBusiness(t *testing.T) {
	dir := edited(t, "locals.tf", "locals {\n", `locals {
  caller = data.aws_caller_identity.current.account_id
  digest = filesha256("${path.module}/locals.tf")
  other  = local.of_another_file
`)
	if _, err := Load(dir, Override{}); err != nil {
		t.Error(err)
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "nowhere"), Override{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load = %v, want fs.ErrNotExist", err)
	}
	for _, name := range []string{"locals.tf", "backend.tf", "terraform.tf"} {
		if n := strings.Count(err.Error(), name+"\n"); n != 1 && name != "terraform.tf" { // the last hint ends the text
			t.Errorf("%s has %d hints, want one, in:\n%v", name, n, err)
		}
	}
}

// edited is a copy of the folder, with the real files where it has none, and one text of one file replaced.
func edited(t *testing.T, name, from, to string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"locals.tf", "backend.tf", "terraform.tf", "providers.tf", "variables.tf"} {
		src, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			src, err = os.ReadFile(filepath.Join(realFolder, file))
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), src, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit(t, dir, name, from, to)
	return dir
}

func edit(t *testing.T, dir, name, from, to string) {
	t.Helper()
	path := filepath.Join(dir, name)
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(src), from) != 1 {
		t.Fatalf("%s has %q %d times, want once", name, from, strings.Count(string(src), from))
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(src), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
