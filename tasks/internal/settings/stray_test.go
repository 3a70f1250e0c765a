package settings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheRealFolderHasNoStrays(t *testing.T) {
	if got, err := Strays(folder, Given{}); err != nil || got != nil {
		t.Errorf("Strays = %v, %v, want none", got, err)
	}
}

func TestStraysByFile(t *testing.T) {
	const (
		override = "is an override file"
		second   = "know only the backend s3 in backend.tf"
	)
	tests := []struct {
		name, text string
		want       string // the one stray: how it begins, "…", a part of it; empty for none
	}{
		{"override.tf", "", "override.tf …" + override},
		{"backend_override.tf", "broken {", "backend_override.tf …" + override},
		{"override.tf.json", "", "override.tf.json …" + override},
		{"x_override.tf.json", "", "x_override.tf.json …" + override},
		{"_override.tf", "", "_override.tf …" + override},
		{"myoverride.tf", "", ""},
		{"override_x.tf", "", ""},
		{"Override.tf", "", ""},
		{"override.tf.off", "", ""},
		{"override.tfvars", "", ""},
		{".x_override.tf", "", ""},
		{"x_override.tf~", "", ""},

		{"other.tf", "terraform {\n  backend \"s3\" {}\n}", "other.tf:2: backend s3: …" + second},
		{"other.tf", "terraform {\n  backend \"gcs\" {}\n}", "other.tf:2: backend gcs: …" + second},
		{"other.tf", "terraform {\n}\nterraform {\n  cloud {}\n}", "other.tf:4: cloud: …" + second},
		{"other.tf.json", "{\n\"terraform\": {\"backend\": {\"s3\": {}}}}", "other.tf.json:2: backend s3: …" + second},
		{"other.tf.json", "{\"terraform\": [{\"cloud\": [{}]}]}", "other.tf.json:1: cloud: …" + second},
		{"other.tf", "terraform {\n  required_version = \">= 1\"\n}", ""},
		{"other.tf", "# backend \"gcs\" {}\nlocals {\n  text = \"terraform { cloud {} }\"\n}", ""},
		{"other.tf", "module \"m\" {\n  source = \"./m\"\n  backend = \"gcs\"\n}", ""},
		{"other.tf", "terraform {\n  backend \"gcs\" {", ""}, // Terraform refuses the file
		{"other.json", "{\"terraform\": {\"cloud\": {}}}", ""},

		{"other.tf", "\nprovider \"aws\" {}", "other.tf:2: provider aws: …default provider in providers.tf"},
		{
			"other.tf.json", "{\"provider\": {\"aws\": {}}}",
			"other.tf.json:1: provider aws: …default provider in providers.tf",
		},
		{"other.tf", "provider \"aws\" {\n  alias = \"other\"\n  profile = \"x\"\n  assume_role {\n  }\n}", ""},
		{"other.tf.json", "{\"provider\": {\"aws\": [{\"alias\": \"other\", \"endpoints\": {\"s3\": \"http://h\"}}]}}", ""},
		{"other.tf", "provider \"null\" {}\nvariable \"own\" {}\nresource \"null_resource\" \"own\" {}", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := edited(t, "backend.tf", "# Literals", "#  Literals")
			if err := os.WriteFile(filepath.Join(dir, test.name), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			wantStray(t, dir, test.want)
		})
	}
}

func TestStraysInBackend(t *testing.T) {
	const at = "    use_lockfile = true\n"
	tests := []struct {
		name, text, want string
	}{
		{"DynamoDB beside the lock file", `    dynamodb_table = "locks"`, ""},
		{"a comment", `    # dynamodb_table = "locks"`, ""},
		{"a string", `    kms_key_id = "dynamodb_table"`, ""},
		{"endpoint", `    endpoint = "http://h"`, "backend.tf:11: endpoint: …Terraform uses it"},
		{"endpoints", `    endpoints = { s3 = "http://h" }`, "backend.tf:11: endpoints: …Terraform uses it"},
		{"a role", `    assume_role = { role_arn = "r" }`, "backend.tf:11: assume_role: …Terraform uses it"},
		{
			"a web identity", `    assume_role_with_web_identity = {}`,
			"backend.tf:11: assume_role_with_web_identity: …Terraform uses it",
		},
		{"a key", `    access_key = "k"`, "backend.tf:11: access_key: …Terraform uses it"},
		{"an address of STS", `    sts_endpoint = "http://h"`, "backend.tf:11: sts_endpoint: …Terraform uses it"},
		{"files", `    shared_config_files = ["f"]`, "backend.tf:11: shared_config_files: …Terraform uses it"},
		{
			"a prefix of workspaces, and what does not lead elsewhere",
			"    workspace_key_prefix = \"w\"\n    max_retries = 9\n    " +
				"kms_key_id = \"k\"\n    use_fips_endpoint = true", "",
		},
		{"a second backend", "  }\n  backend \"s3\" {", "backend.tf:12: backend s3: …know only"},
		{"cloud", "  }\n  cloud {", "backend.tf:12: cloud: …know only"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantStray(t, edited(t, "backend.tf", at, at+test.text+"\n"), test.want)
		})
	}
}

func TestStraysInProvider(t *testing.T) {
	const region, profile = "  region              = local.aws_region\n", "  profile             = local.aws_profile\n"
	for _, test := range []struct{ name, from, to, want string }{
		{
			"a region that differs", region, `  region = "eu-west-1"` + "\n",
			`providers.tf:9: region is "eu-west-1", and …"us-west-2"`,
		},
		{"the region that is passed", region, `  region = "us-west-2"` + "\n", ""},
		{"a profile", profile, `  profile = "x"` + "\n", "providers.tf:10: profile: …always"},
		{"no profile", profile, "  profile = null\n", ""},
		{
			"a role", profile, "  assume_role {\n    role_arn = \"r\"\n  }\n",
			"providers.tf:10: assume_role: …Terraform uses it",
		},
		{"endpoints", profile, "  endpoints {\n    ecr = \"http://h\"\n  }\n", "providers.tf:10: endpoints: …Terraform uses it"},
		{"default tags", profile, "  default_tags {\n    tags = { a = 1 }\n  }\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantStray(t, edited(t, "providers.tf", test.from, test.to), test.want)
		})
	}
}

// Only what differs from the values that are passed, and counts, is a stray.
func TestContradictions(t *testing.T) {
	const differs = `profile is "other", and …pass "team"`
	for _, test := range []struct {
		name  string
		files map[string]string
		env   map[string]string
		want  string
	}{
		{"a file", map[string]string{"terraform.tfvars": "\nprofile = \"other\""}, nil, "terraform.tfvars:2: " + differs},
		{
			"JSON",
			map[string]string{"terraform.tfvars.json": `{"profile": "other"}`},
			nil,
			"terraform.tfvars.json:1: " + differs,
		},
		{"an automatic one", map[string]string{".a.auto.tfvars": `profile = "other"`}, nil, ".a.auto.tfvars:1: " + differs},
		{
			"automatic JSON",
			map[string]string{"a.auto.tfvars.json": `{"profile": "other"}`},
			nil,
			"a.auto.tfvars.json:1: " + differs,
		},
		{"the same", map[string]string{"terraform.tfvars": `profile = "team"`}, nil, ""},
		{"null", map[string]string{"terraform.tfvars": `profile = null`}, nil, ""},
		{"the user's own", map[string]string{"terraform.tfvars": "own = \"x\"\nmore = [1]"}, nil, ""},
		{"broken", map[string]string{"terraform.tfvars": `profile = "other`}, nil, ""},
		{"not by itself", map[string]string{"other.tfvars": `profile = "other"`}, nil, ""},
		{
			"a later file has the value that is passed",
			map[string]string{"terraform.tfvars": `profile = "other"`, "a.auto.tfvars": `profile = "team"`},
			nil, "",
		},
		{
			"a later file has another value",
			map[string]string{"terraform.tfvars.json": `{"profile": "team"}`, "a.auto.tfvars": `profile = "other"`},
			nil,
			"a.auto.tfvars:1: " + differs,
		},
		{"a variable", nil, map[string]string{"TF_VAR_profile": "other"}, `TF_VAR_profile is "other", and …pass "team"`},
		{"an empty variable", nil, map[string]string{"TF_VAR_profile": ""}, ""},
		{"a variable with the same", nil, map[string]string{"TF_VAR_profile": "team"}, ""},
		{"variables of others", nil, map[string]string{"TF_VAR_foo": "x", "TF_VAR_project": "x"}, ""},
		{
			"a file beats a variable",
			map[string]string{"terraform.tfvars": `profile = "team"`},
			map[string]string{"TF_VAR_profile": "other"},
			"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := edited(t, "backend.tf", "# Literals", "#  Literals")
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := Strays(dir, Given{Variables: passed, LookupEnv: func(name string) (string, bool) {
				value, ok := test.env[name]
				return value, ok
			}})
			if err != nil {
				t.Fatal(err)
			}
			wantStrays(t, dir, got, test.want)
		})
	}
}

// passed is what the targets pass in these tests.
var passed = map[string]string{"region": "us-west-2", "profile": "team"}

func TestVariables(t *testing.T) {
	dir := edited(t, "backend.tf", "# Literals", "#  Literals")
	if err := os.WriteFile(filepath.Join(dir, "own.tf.json"), []byte(`{"variable": {"own": {}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Variables(dir)
	if slices.Sort(got); err != nil || !slices.Equal(got, []string{"environment", "own", "profile", "region"}) {
		t.Errorf("Variables = %v, %v", got, err)
	}
}

// The backend is written as Terraform 1.11 keeps it.
func TestDifferences(t *testing.T) {
	const kept = `{"bucket": "b", "key": "k", "region": "r", "profile": "", "use_lockfile": true, "encrypt": true,
		"dynamodb_table": null, "endpoints": null, "assume_role": null, "access_key": null,
		"workspace_key_prefix": "w"}`
	for _, test := range []struct{ kind, from, to, want string }{
		{"s3", "", "", ""},
		{"local", "", "", `the backend is "local", and backend.tf says "s3"`},
		{"", "", "", `the backend is "", and backend.tf says "s3"`},
		{"s3", `"bucket": "b"`, `"bucket": "c"`, `bucket is "c", and backend.tf says "b"`},
		{"s3", `"bucket": "b"`, `"bucket": "c"`, `bucket is "c", and environment prod has "b"`},
		{"s3", `"key": "k", `, ``, `key is <nil>, and backend.tf says "k"`},
		{"s3", `"region": "r"`, `"region": "q"`, `region is "q", and backend.tf says "r"`},
		{"s3", `"use_lockfile": true`, `"use_lockfile": null`, `use_lockfile is <nil>, and backend.tf says true`},
		{"s3", `"dynamodb_table": null`, `"dynamodb_table": "t"`, "dynamodb_table is set, and backend.tf does not set it"},
		{"s3", `"endpoints": null`, `"endpoints": {"s3": "http://h"}`, "endpoints is set, and backend.tf does not set it"},
		{"s3", `"assume_role": null`, `"assume_role": {"role_arn": "r"}`, "assume_role is set, and backend.tf does not set it"},
		{"s3", `"access_key": null`, `"access_key": "secret"`, "access_key is set, and backend.tf does not set it"},
	} {
		var config map[string]any
		if err := json.Unmarshal([]byte(strings.Replace(kept, test.from, test.to, 1)), &config); err != nil {
			t.Fatal(err)
		}
		e := Environment{Name: "prod", Backend: Backend{Bucket: "b", Key: "k", Region: "r"}}
		if strings.Contains(test.want, "prod") {
			e.Given = "prod"
		}
		got := strings.Join(e.Differences(test.kind, config), "; ")
		begins, _, more := strings.Cut(test.want, "…")
		if !strings.HasPrefix(got, begins) || !more && got != begins || strings.Contains(got, "secret") {
			t.Errorf("with %s: Differences = %s, want %s", test.to, got, test.want)
		}
	}
}

// Without use_lockfile Terraform takes no lock, and two runs can overwrite the state.
func TestNoLockIsAStray(t *testing.T) {
	const at = "    use_lockfile = true\n"
	for _, text := range []string{"", "    use_lockfile = false\n", "    use_lockfile = null\n"} {
		wantStray(t, edited(t, "backend.tf", at, text), "backend.tf:4: use_lockfile is not true: …no lock")
	}
}

// A folder of such a name is none of Terraform's files, and what it holds belongs to a module.
func TestFoldersAreNoStrays(t *testing.T) {
	dir := edited(t, "backend.tf", "# Literals", "#  Literals")
	inside := filepath.Join(dir, "x_override.tf")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(inside, "override.tf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantStray(t, dir, "")
}

func TestAllStraysAtOnce(t *testing.T) {
	const from, to = "    use_lockfile = true\n", "    endpoint = \"http://h\"\n"
	dir := edited(t, "backend.tf", from, to)
	if err := os.WriteFile(filepath.Join(dir, "override.tf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Strays(dir, Given{})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, stray := range got {
		files = append(files, filepath.Base(stray.File))
	}
	if !slices.Equal(files, []string{"backend.tf", "backend.tf", "override.tf"}) {
		t.Errorf("Strays = %v, want two of backend.tf and one of override.tf", got)
	}
}

func wantStray(t *testing.T, dir, want string) {
	t.Helper()
	got, err := Strays(dir, Given{Variables: passed, LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	wantStrays(t, dir, got, want)
}

func wantStrays(t *testing.T, dir string, got []Stray, want string) {
	t.Helper()
	begins, part, _ := strings.Cut(want, "…")
	if !strings.HasPrefix(begins, "TF_VAR_") {
		begins = filepath.Join(dir, begins)
	}
	switch {
	case want == "" && got != nil:
		t.Errorf("Strays = %v, want none", got)
	case want == "":
	case len(got) != 1:
		t.Errorf("Strays = %v, want one", got)
	case !strings.HasPrefix(got[0].String(), begins) || !strings.Contains(got[0].Problem, part):
		t.Errorf("Strays = %v, want %s", got[0], want)
	case got[0].Fix == "" && got[0].Line != 0:
		t.Errorf("Strays = %+v, want a fix where a line is named", got[0])
	}
}
