package stack

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// inputsOfFolder are the files of the configuration and of Terraform's data folder.
func inputsOfFolder() map[string]input {
	return map[string]input{
		"`*.tf`, `*.tf.json`": {"hands on", each(ownFile)},
		"`override.tf`, `override.tf.json`, `*_override.tf`, `*_override.tf.json`": {
			"refuses",
			each(func(o outset, name string) {
				o.write(filepath.Join(o.dir, name), "{}")
				o.wantRefused(name + " is an override file")
			}),
		},
		"a second `backend` block, a `cloud` block": {"refuses", each(func(o outset, name string) {
			label := map[string]string{"backend": ` "s3"`}[name]
			o.write(filepath.Join(o.dir, "other.tf"), "terraform {\n  "+name+label+" {\n  }\n}\n")
			o.wantRefused("other.tf:2: " + name)
		})},
		"no `use_lockfile`": {"refuses", each(func(o outset, name string) {
			o.edit("backend.tf", "use_lockfile = true", "")
			o.wantRefused(name)
		})},
		"`provider \"aws\"` without an alias outside of `providers.tf`": {"refuses", func(t *testing.T, names []string) {
			o := newOutset(t)
			o.write(filepath.Join(o.dir, "other.tf"), names[0]+" {\n}\n")
			o.wantRefused("other.tf:1: provider aws")
		}},
		"`region`, `profile` as literals in `providers.tf`": {"refuses", func(t *testing.T, names []string) {
			each(func(o outset, name string) {
				o.edit("providers.tf", "= local.aws_"+name, `= "eu-west-1"`)
				o.wantRefused(name)
			})(t, names[:2])
		}},
		"`assume_role`, `assume_role_with_web_identity`, `role_arn`, `endpoint`, `endpoints`, `iam_endpoint`, " +
			"`sts_endpoint`, `access_key`, `secret_key`, `token`, `shared_config_files`, `shared_credentials_file`, " +
			"`shared_credentials_files`": {"refuses", each(func(o outset, name string) {
			o.edit("backend.tf", "encrypt ", name+" = [\"x\"]\n    encrypt ")
			o.wantRefused("backend.tf:9: " + name)
		})},
		"`terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars`, `*.auto.tfvars.json`": {
			"hands on", each(func(o outset, name string) {
				o.write(filepath.Join(o.dir, "own.tf"), "variable \"own\" {\n}\n")
				o.write(filepath.Join(o.dir, name), valueOf("own", name))
				o.begun()
			}),
		},
		"another `region` or `profile` in these files": {"refuses", each(func(o outset, name string) {
			for _, file := range []string{"terraform.tfvars", "terraform.tfvars.json", "x.auto.tfvars", "x.auto.tfvars.json"} {
				o.write(filepath.Join(o.dir, file), valueOf(name, file))
				o.wantRefused(file + ":1: " + name + ` is "x"`)
			}
		})},
		"`.terraform.lock.hcl`": {"hands on", initialisedAnew(func(o outset, name string) {
			o.edit(name, "provider", "# another\nprovider")
		})},
		"`.terraform/environment`": {"refuses", each(func(o outset, name string) {
			o.write(filepath.Join(o.dir, name), "staging")
			o.wantRefused(name + ` selects the workspace "staging"`)
		})},
		"`.terraform/terraform.tfstate`": {"pins", chosenState},
		"`.terraform/providers`":         {"hands on", initialisedAnew(func(o outset, name string) { o.remove(name) })},
		"`terraform.d/plugins`, `~/.terraform.d/plugins`": {"hands on", each(func(o outset, name string) {
			o.unpack(o.inFolder(name))
			wantNoConfiguration(o)
		})},
		"`~/.terraformrc`, `~/.terraform.d/credentials.tfrc.json`": {"hands on", each(func(o outset, name string) {
			o.write(o.inFolder(name), "")
			o.unpack(filepath.Join(o.home, ".terraform.d", "plugins"))
			wantNoConfiguration(o)
		})},
	}
}

// ownFile has a local, a variable, a module and a provider of the user's own.
func ownFile(o outset, name string) {
	text := `
locals {
  mine = "backend \"gcs\" {}"
}
variable "own" {
  default = 1
}
module "own" {
  source = "./own"
}
provider "aws" {
  alias = "own"
  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/own"
  }
}
`
	if strings.HasSuffix(name, ".json") {
		text = `{"locals": {"mine": 1}, "variable": {"own": {}}, "provider": {"aws": [{"alias": "own", "token": "x"}]}}`
	}
	o.write(filepath.Join(o.dir, name), text)
	o.set("TF_VAR_foo", "of another configuration")
	if s := o.begun(); strings.Contains(s.said, "warning") {
		o.t.Errorf("it is warned of: %s", s.said)
	}
}

// valueOf is a file of the name that sets a variable to x.
func valueOf(variable, name string) string {
	if strings.HasSuffix(name, ".json") {
		return `{"` + variable + `": "x"}`
	}
	return variable + ` = "x"`
}

// initialisedAnew wants no init where nothing has changed, and one after a change.
func initialisedAnew(change func(o outset, name string)) func(*testing.T, []string) {
	return each(func(o outset, name string) {
		o.unpack(filepath.Join(o.dir, ".terraform", "providers")) // in the place of an init
		o.begun()
		if s := o.begun(); len(s.inits) != 1 {
			o.t.Fatalf("with nothing changed there is another init: %q", s.inits)
		}
		change(o, name)
		if s := o.begun(); len(s.inits) != 2 {
			o.t.Errorf("after the change there is no init: %q", s.inits)
		}
	})
}

// chosenState wants an init where somebody has initialised the folder for another key, and a refusal where an init
// itself chooses another backend.
func chosenState(t *testing.T, names []string) {
	t.Helper()
	another := strings.ReplaceAll(chosenByInit, "04-ecr-repositories/", "mine/")
	initialisedAnew(func(o outset, name string) { o.write(filepath.Join(o.dir, name), another) })(t, names)
	for text, want := range map[string]string{
		another: `key is "mine/terraform.tfstate", and backend.tf says "04-ecr-repositories/terraform.tfstate"`,
		strings.ReplaceAll(chosenByInit, "s3", "local"):                                     `the backend is "local"`,
		strings.ReplaceAll(chosenByInit, `"dynamodb_table": null`, `"dynamodb_table": "x"`): `dynamodb_table is set`,
		`{"version": 3}`: `the backend is ""`,
		`{"version"`:     "reading what terraform was initialised for",
	} {
		o := newOutset(t)
		o.write(filepath.Join(o.journal, "chosen"), text)
		for range 2 { // what was refused is not taken for prepared
			if s := o.start(); s.err == nil || !strings.Contains(s.err.Error(), want) {
				t.Errorf("an init that chooses %s: %v, want %s", text, s.err, want)
			}
		}
	}
}

// An init that was not needed is looked at like one that ran.
func TestWhatIsInitialisedIsCompared(t *testing.T) {
	o := newOutset(t)
	o.unpack(filepath.Join(o.dir, ".terraform", "providers")) // in the place of an init
	o.begun()
	s := o.begun()
	s.opened.Settings.Backend.Key = "mine"
	if err := s.stack.Init(t.Context()); err == nil || !strings.Contains(err.Error(), `, and backend.tf says "mine"`) {
		t.Errorf("Init = %v, want a refusal", err)
	}
	if again := strings.Count(o.read("inits"), "\n"); again != 1 {
		t.Errorf("%d inits, want 1", again)
	}
}

// inFolder is the path of an input in the home or in the configuration.
func (o outset) inFolder(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		return filepath.Join(o.home, rest)
	}
	return filepath.Join(o.dir, name)
}

func (o outset) remove(name string) {
	o.t.Helper()
	if err := os.RemoveAll(filepath.Join(o.dir, name)); err != nil {
		o.t.Fatal(err)
	}
}

var lockedVersion = regexp.MustCompile(`version\s*=\s*"([^"]+)"`)

// unpack puts something in the place of the provider below a folder.
func (o outset) unpack(dir string) {
	o.t.Helper()
	text, err := os.ReadFile(filepath.Join(o.dir, ".terraform.lock.hcl"))
	found := lockedVersion.FindSubmatch(text)
	if err != nil || found == nil {
		o.t.Fatalf("the lock file has no version: %v", err)
	}
	o.write(filepath.Join(dir, "registry.terraform.io", "hashicorp", "aws", string(found[1]),
		runtime.GOOS+"_"+runtime.GOARCH, "provider"), "")
}

// wantNoConfiguration wants Terraform to look for providers by itself.
func wantNoConfiguration(o outset) {
	o.t.Helper()
	if s := o.begun(); s.env["TF_CLI_CONFIG_FILE"] != "" || s.env["HOME"] != o.home {
		o.t.Errorf("Terraform gets the CLI configuration %q and HOME=%s", s.env["TF_CLI_CONFIG_FILE"], s.env["HOME"])
	}
}
