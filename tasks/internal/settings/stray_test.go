package settings

import (
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
		{"DynamoDB", `    dynamodb_table = "locks"`, "backend.tf:11: dynamodb_table: …DynamoDB"},
		{"DynamoDB, of a reference", `    dynamodb_table = local.table`, "backend.tf:11: dynamodb_table: …DynamoDB"},
		{"no DynamoDB", `    dynamodb_table = null`, ""},
		{"an empty DynamoDB", `    dynamodb_table = ""`, ""},
		{"a comment", `    # dynamodb_table = "locks"`, ""},
		{"a string", `    kms_key_id = "dynamodb_table"`, ""},
		{"endpoint", `    endpoint = "http://h"`, "backend.tf:11: endpoint: …address"},
		{"endpoints", `    endpoints = { s3 = "http://h" }`, "backend.tf:11: endpoints: …address"},
		{"a second backend", "  }\n  backend \"s3\" {", "backend.tf:12: backend s3: …know only"},
		{"cloud", "  }\n  cloud {", "backend.tf:12: cloud: …know only"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantStray(t, edited(t, "backend.tf", at, at+test.text+"\n"), test.want)
		})
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
	const from, to = "    use_lockfile = true\n", "    dynamodb_table = \"locks\"\n    endpoint = \"http://h\"\n"
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
	if !slices.Equal(files, []string{"backend.tf", "backend.tf", "backend.tf", "override.tf"}) {
		t.Errorf("Strays = %v, want three of backend.tf and one of override.tf", got)
	}
}

func wantStray(t *testing.T, dir, want string) {
	t.Helper()
	got, err := Strays(dir, Given{})
	if err != nil {
		t.Fatal(err)
	}
	begins, part, _ := strings.Cut(want, "…")
	switch {
	case want == "" && got != nil:
		t.Errorf("Strays = %v, want none", got)
	case want == "":
	case len(got) != 1:
		t.Errorf("Strays = %v, want one", got)
	case !strings.HasPrefix(got[0].String(), filepath.Join(dir, begins)) || !strings.Contains(got[0].Problem, part):
		t.Errorf("Strays = %v, want %s", got[0], want)
	case (got[0].Fix == "") != (got[0].Line == 0):
		t.Errorf("Strays = %+v, want a fix where a line is named", got[0])
	}
}
