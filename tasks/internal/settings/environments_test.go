package settings

import (
	"path/filepath"
	"strings"
	"testing"
)

// two are environments over a good locals.tf whose default is cfndev.
const two = `environments = {
    prod  = { account_id = "222222222222", region = "eu-west-1", retention_days = 90 }
    stage = { account_id = "333333333333", state = { bucket = "stage-states", key = "a/b", region = "eu-west-1" } }
  }`

func withEnvironments(t *testing.T, environments string) string {
	t.Helper()
	dir := edited(t, "locals.tf", "environments = {}", environments)
	edit(t, dir, "locals.tf", "account_id = null #", `account_id = "111111111111" #`)
	return dir
}

func named(name string) Override {
	return Override{LookupEnv: func(variable string) (string, bool) {
		return map[string]string{EnvironmentVariable: name}[variable], name != ""
	}}
}

func TestEnvironments(t *testing.T) {
	dir := withEnvironments(t, two)
	for name, want := range map[string]Environment{
		"": {
			Name: "cfndev", Region: "us-west-2", Account: "111111111111",
			Backend: Backend{Bucket: "cfndev-envoy-proxy-poc-terraform-state", Key: "04-ecr-repositories/terraform.tfstate"},
		},
		"prod": {
			Name: "prod", Given: "prod", Region: "eu-west-1", Account: "222222222222",
			Backend: Backend{
				Bucket: "cfndev-envoy-proxy-poc-terraform-state", Key: "prod/04-ecr-repositories/terraform.tfstate",
			},
		},
		"stage": {
			Name: "stage", Given: "stage", Region: "us-west-2", Account: "333333333333",
			Backend: Backend{Bucket: "stage-states", Key: "a/b"},
		},
	} {
		got, err := Load(dir, named(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Name != want.Name || got.Given != want.Given || got.Region != want.Region || got.Account != want.Account ||
			got.Backend.Bucket != want.Backend.Bucket || got.Backend.Key != want.Backend.Key {
			t.Errorf("%s: got %+v, want %+v", name, got.Environment, want)
		}
		if repository := want.Name + "-envoy-proxy-poc-app"; got.Repositories[0].Name != repository ||
			got.Tags["Environment"] != want.Name {
			t.Errorf("%s: got %v and the tags %v, want %s", name, got.Repositories, got.Tags, repository)
		}
		if len(got.Environments) != 3 || got.Environments[0].Name != "cfndev" {
			t.Errorf("%s: all are %v", name, got.Environments)
		}
	}
	if got, err := Load(dir, named("cfndev")); err != nil || got.Given != "" {
		t.Errorf("the default by its name: %q, %v", got.Given, err)
	}
}

func TestEnvironmentsThatCannotBe(t *testing.T) {
	const account = `account_id = "222222222222"`
	shared := `repositories = { app = { name = "cfndev-envoy-proxy-poc-app" } }`
	for name, test := range map[string]struct{ environments, chosen, want string }{
		"misspelt": {two, "prdo", `there is no environment "prdo": locals.tf has cfndev, prod, stage`},
		"one state": {
			`environments = { prod = { ` + account + `, state = { key = "04-ecr-repositories/terraform.tfstate" } } }`, "",
			"the environments cfndev and prod share the state s3://cfndev-envoy-proxy-poc-terraform-state/",
		},
		"one repository": {
			`environments = { prod = { account_id = "111111111111", ` + shared + ` } }`, "",
			"the environments cfndev and prod share the repository cfndev-envoy-proxy-poc-app in us-west-2",
		},
		"one name in two accounts": {`environments = { prod = { ` + account + `, ` + shared + ` } }`, "prod", ""},
		"one name in two regions": {
			`environments = { prod = { account_id = "111111111111", region = "eu-west-1", ` + shared + ` } }`, "prod", "",
		},
		"null account": {`environments = { prod = { account_id = null } }`, "", "environment prod has no account_id"},
		"no account":   {`environments = { prod = { retention_days = 9 } }`, "", "environment prod has no account_id"},
		"a setting": {
			`environments = { prod = { ` + account + `, regoin = "x" } }`, "",
			"local.environments.prod.regoin: an environment can set account_id, ",
		},
		"a value": {
			`environments = { prod = { ` + account + `, region = "west" } }`, "",
			`local.environments.prod.region: want an AWS region such as us-west-2, found "west"`,
		},
		"the default again": {`environments = { cfndev = {} }`, "", "local.environments.cfndev: "},
		"a name":            {`environments = { "a b" = {} }`, "", "local.environments.a b: want an environment's name"},
	} {
		_, err := Load(withEnvironments(t, test.environments), named(test.chosen))
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// What a variable moves counts.
func TestEnvironmentsAreKeptApart(t *testing.T) {
	const shared = `repositories = { app = { name = "cfndev-envoy-proxy-poc-app" } }`
	dir := withEnvironments(t, `environments = { prod = { account_id = "111111111111", region = "eu-west-1", `+shared+` } }`)
	o, region := named("prod"), "us-west-2"
	o.Region = &region
	if _, err := Load(dir, o); err == nil {
		t.Error("prod in the region of the default: want an error")
	}
}

// Terraform lays the same over its locals.
func TestOwnSettingsAreTerraforms(t *testing.T) {
	var found bool
	providers := newFile(filepath.Join(realFolder, "providers.tf"))
	for _, block := range providers.blocks("locals") {
		if chosen := block.Body.Attributes["chosen"]; chosen != nil {
			found = true
			for _, name := range ownSettings {
				used := false
				for _, ref := range chosen.Expr.Variables() {
					used = used || text(ref) == "local."+name
				}
				if used == (name == "state") {
					t.Errorf("local.chosen uses local.%s: %v", name, used)
				}
			}
		}
	}
	if !found {
		t.Error("providers.tf has no local.chosen")
	}
}
