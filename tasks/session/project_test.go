package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFindsTheConfiguration has a copy of the project among other Terraform folders, and two that could be it.
func TestFindsTheConfiguration(t *testing.T) {
	root := t.TempDir()
	write := func(file, text string) {
		t.Helper()
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := func(dir, fault string) {
		t.Helper()
		p, err := Find()
		switch {
		case fault != "" && (err == nil || !strings.Contains(err.Error(), fault)):
			t.Errorf("Find = %v, want %q", err, fault)
		case fault == "" && (err != nil || p.TerraformDir() != dir):
			t.Errorf("Find = %+v, %v, want the folder %s", p, err, dir)
		}
	}
	write("apps/app/main.go", "package main\n")
	t.Chdir(filepath.Join(root, "apps/app"))
	write("go.mod", "module "+module+"\n")
	want("", "not in a checkout")
	write("terraform/own/main.tf", "") // without its locals.tf, which settings.Load says
	want("terraform/own", "")
	write("terraform/network/main.tf", "")
	want("", "not in a checkout")
	write("terraform/own/locals.tf", "locals {\n  repositories = {}\n}\n")
	want("terraform/own", "")
	write("terraform/copy/locals.tf", "locals {\n  repositories = {}\n}\n")
	want("", "terraform/copy and terraform/own each have repositories")
	write("go.mod", "module another\n")
	want("", "not in a checkout")
}
