package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// protectedPolicy is what main.tf makes of the protected tags below. TestForeseeOfProtectedTags of package ecr has the
// local AWS preview it.
const protectedPolicy = "../ecr/testdata/protected.json"

// TestPolicyOfProtectedTags has Terraform evaluate the policy of main.tf.
func TestPolicyOfProtectedTags(t *testing.T) {
	want, err := os.ReadFile(protectedPolicy)
	if err != nil {
		t.Fatal(err)
	}
	const rule30 = `{"action":{"type":"expire"},"description":"Expire any image 30 days after its push","rulePriority":1,` +
		`"selection":{"countNumber":30,"countType":"sinceImagePushed","countUnit":"days","tagStatus":"any"}}`
	locals, err := os.ReadFile(filepath.Join(folder, "locals.tf"))
	if err != nil {
		t.Fatal(err)
	}
	main := newFile(filepath.Join(realFolder, "main.tf"))
	text, err := os.ReadFile(main.path)
	if err != nil {
		t.Fatal(err)
	}
	providers := newFile(filepath.Join(realFolder, "providers.tf"))
	source, err := os.ReadFile(providers.path)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := os.ReadFile(filepath.Join(realFolder, "variables.tf"))
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{string(declared)}
	for _, block := range providers.blocks("locals") {
		parts = append(parts, string(block.Range().SliceBytes(source)))
	}
	for _, block := range main.blocks("locals") {
		parts = append(parts, string(block.Range().SliceBytes(text)))
	}
	for _, block := range main.blocks("resource") {
		if policy := block.Body.Attributes["policy"]; policy != nil && block.Labels[0] == "aws_ecr_lifecycle_policy" {
			parts = append(parts, "locals {\npolicy = "+string(policy.Expr.Range().SliceBytes(text))+"\n}")
		}
	}
	for patterns, want := range map[string]string{
		"{}": `{"rules":[` + rule30 + `]}`,
		`{ "v*" = 2, "*-rc" = 1, latest = 1, "release-*" = 3 }`: strings.TrimSpace(string(want)),
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"locals.tf": strings.Replace(string(locals), "= {} #", "= "+patterns+" #", 1),
			"policy.tf": strings.Join(parts, "\n"),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := console(t, dir, []string{"policy"})["policy"]; got != want {
			t.Errorf("the policy of %s is\n%v\nwant\n%s", patterns, got, want)
		}
	}
}
