package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// good is a locals.tf without a fault, one setting a line.
const good = `locals {
  region               = "us-west-2"
  profile              = "team"
  account_id           = null
  repositories         = { app = { name = "team/app" } }
  image_tag_mutability = "MUTABLE"
  scan_on_push         = true
  retention_days       = 30
  tags                 = { Project = "poc" }
  protect_tags         = { "v*" = 20, latest = 1 }
}
`

func manyPatterns(n int) string {
	patterns := make([]string, n)
	for i := range patterns {
		patterns[i] = fmt.Sprintf(`"v%d*" = 1`, i)
	}
	return strings.Join(patterns, ", ")
}

func TestFaultsInLocals(t *testing.T) {
	tests := []struct {
		name, from, to string
		want           string // the whole error, less the folder
	}{
		{"syntax", `"us-west-2"`, `"us-west-2`, "locals.tf:2: invalid multi-line string"},
		{"missing", "  region ", "  regio  ", "locals.tf:1: local.region is missing; did you mean local.regio"},
		{"twice", "  profile ", "  region  = \"eu-west-1\"\n  profile ", "locals.tf:3: attribute redefined: "},
		{
			"twice, in two blocks", `{ Project = "poc" }`, "{ Project = \"poc\" }\n}\n\nlocals {\n  region = \"eu-west-1\"",
			"locals.tf:13: local.region is defined twice: want one definition, found another on line 2",
		},
		{
			"region's form", "us-west-2", "us_west",
			`locals.tf:2: local.region: want an AWS region such as us-west-2, found "us_west"`,
		},
		{
			"region of another type", `"us-west-2"`, `2`,
			"locals.tf:2: local.region: want an AWS region such as us-west-2, found the number 2",
		},
		{
			"null profile", `"team"`, `null`,
			"locals.tf:3: local.profile: want the name of an AWS profile, or an empty string for none, found null",
		},
		{
			"short account", "= null", `= "123"`,
			`locals.tf:4: local.account_id: want an AWS account of twelve digits, or null, found "123"`,
		},
		{
			"number as account", "= null", "= 123456789012",
			"locals.tf:4: local.account_id: want an AWS account of twelve digits, or null, found the number 123456789012",
		},
		{
			"no repositories", `{ app = { name = "team/app" } }`, "{}",
			"locals.tf:5: local.repositories: want entries such as app = { name = \"team/app\" }, found none",
		},
		{
			"list of repositories", `{ app = { name = "team/app" } }`, `["team/app"]`,
			"locals.tf:5: local.repositories: want entries such as app = { name = \"team/app\" }, found a value of type tuple",
		},
		{
			"name alone", `{ name = "team/app" }`, `"team/app"`,
			`locals.tf:5: local.repositories.app: want { name = "…" }, found "team/app"`,
		},
		{
			"entry without name", `{ name = "team/app" }`, `{}`,
			`locals.tf:5: local.repositories.app: want { name = "…" }, found none`,
		},
		{
			"misspelt key", `name = "team/app"`, "name = \"team/app\"\n    scan_on_pusch = true",
			`locals.tf:6: local.repositories.app.scan_on_pusch: want name, engine, build_args, context, target or platforms, found "scan_on_pusch"`,
		},
		{
			"engine", `name = "team/app"`, `name = "team/app", engine = "podman"`,
			`locals.tf:5: local.repositories.app.engine: want "native" or "docker", found "podman"`,
		},
		{
			"context elsewhere", `name = "team/app"`, `name = "team/app", context = "../other"`,
			`locals.tf:5: local.repositories.app.context: want a folder below the project's root, such as web or apps/web, ` +
				`found "../other"`,
		},
		{
			"build argument", `name = "team/app"`, `name = "team/app", build_args = { "A B" = "c" }`,
			`locals.tf:5: local.repositories.app.build_args: want the name of a build argument, found "A B"`,
		},
		{
			"one platform", `name = "team/app"`, `name = "team/app", platforms = "linux/amd64"`,
			`locals.tf:5: local.repositories.app.platforms: want a list of strings, found "linux/amd64"`,
		},
		{
			"repository's name", "team/app", "Team/App",
			`locals.tf:5: local.repositories.app.name: want a repository name of 2 to 256 lower-case letters and digits, ` +
				`with . _ - / between them, found "Team/App"`,
		},
		{
			"key is no folder", "{ app =", `{ "../app" =`,
			`locals.tf:5: local.repositories.../app: want a folder below apps/ as key: lower-case letters, digits, ` +
				`and . _ - within, found "../app"`,
		},
		{
			"same name twice", "} }\n  image", "}\n  web = { name = \"team/app\" } }\n  image",
			`locals.tf:6: local.repositories.web: want a name of its own, found "team/app", which local.repositories.app has`,
		},
		{
			"no days", "= 30", "= 0",
			"locals.tf:8: local.retention_days: want a whole number of days, 1 or more, found the number 0",
		},
		{
			"half a day", "= 30", "= 0.5",
			"locals.tf:8: local.retention_days: want a whole number of days, 1 or more, found the number 0.5",
		},
		{
			"days as string", "= 30", `= "30"`,
			`locals.tf:8: local.retention_days: want a whole number of days, 1 or more, found "30"`,
		},
		{
			"days too many for a number", "= 30", "= 1e30",
			"locals.tf:8: local.retention_days: want a whole number of days, 1 or more, found the number 1" + strings.Repeat("0",
				30),
		},
		{
			"count of a pattern", "latest = 1", "latest = 0",
			"locals.tf:10: local.protect_tags.latest: want a whole number of images, 1 or more, found the number 0",
		},
		{
			"pattern", `"v*"`, `"v?"`, `locals.tf:10: local.protect_tags.v?: want a tag of letters, digits and . _ -, ` +
				`or a pattern with at most four *, found "v?"`,
		},
		{
			"patterns as a list", `{ "v*" = 20, latest = 1 }`, `["v*"]`,
			"locals.tf:10: local.protect_tags: want patterns of tags such as { \"v*\" = 20 }, found a value of type tuple",
		},
		{
			"fifty patterns", `"v*" = 20`, manyPatterns(49),
			"locals.tf:10: local.protect_tags: want at most 49 patterns, found 50",
		},
		{
			"tag of a number", `"poc" }`, "\"poc\",\n  Cost = 5 }",
			"locals.tf:10: local.tags.Cost: want a string, found the number 5",
		},
		{
			"source", "  tags", "  source_url = \"github\"\n  tags",
			`locals.tf:9: local.source_url: want an http or https URL, or null, found "github"`,
		},
		{
			"unknown local", `"team"`, "local.profil",
			"locals.tf:3: local.profil is not defined: want a local of this file; did you mean local.profile",
		},
		{
			"variable", `"team"`, "var.profile",
			"locals.tf:3: want a literal or local.NAME, found var.profile, which only Terraform knows",
		},
		{
			"resource", `"team/app"`, "aws_ecr_repository.app[\"x\"].name",
			"locals.tf:5: want a literal or local.NAME, found aws_ecr_repository.app, which only Terraform knows",
		},
		{
			"all of local", `{ Project = "poc" }`, "local",
			"locals.tf:9: want a literal or local.NAME, found local, which only Terraform knows",
		},
		{"misspelt function", `"team"`, `lowr("TEAM")`, `locals.tf:3: no function "lowr": did you mean "lower"?`},
		{
			"function of Terraform's world", `"team"`, `file("x")`,
			`locals.tf:3: no function "file" here: a setting can be computed with can, coalesce, `,
		},
		{"argument", `"team"`, `upper(["x"])`, "locals.tf:3: invalid function argument: "},
		{
			"cycle of two", "\"us-west-2\"\n  profile              = \"team\"", "local.profile\n  profile = local.region",
			"locals.tf:2: local.region is defined by itself: local.region -> local.profile -> local.region",
		},
		{
			"cycle of one, which nobody needs", "  tags", "  loop = [local.loop]\n  tags",
			"locals.tf:9: local.loop is defined by itself: local.loop -> local.loop",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := written(t, test.from, test.to)
			_, err := Load(dir, Override{})
			if err == nil {
				t.Fatalf("Load = nil, want %s", test.want)
			}
			if got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""); !strings.HasPrefix(got,
				test.want) || strings.Contains(got, "\n") {
				t.Errorf("Load =\n%s\nwant one line that begins with\n%s", got, test.want)
			}
		})
	}
}

func TestLengthOfARepositorysName(t *testing.T) {
	for length, ok := range map[int]bool{1: false, 2: true, 256: true, 257: false} {
		_, err := Load(written(t, "team/app", strings.Repeat("a", length)), Override{})
		if (err == nil) != ok {
			t.Errorf("a name of %d characters: %v, want ok = %v", length, err, ok)
		}
	}
}

func TestFaultsInBackendAndTerraform(t *testing.T) {
	tests := []struct{ name, file, from, to, want string }{
		{
			"no bucket", "backend.tf", `    bucket       = "cfndev-envoy-proxy-poc-terraform-state"`, "",
			"backend.tf:4: bucket is missing: want a bucket name",
		},
		{
			"null bucket", "backend.tf", `"cfndev-envoy-proxy-poc-terraform-state"`, "null",
			"backend.tf:5: bucket: want a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens, found null",
		},
		{
			"no region", "backend.tf", `    region       = "us-west-2"`, "",
			"backend.tf:4: region is missing: want an AWS region",
		},
		{"reference", "backend.tf", `"us-west-2"`, "local.region", "backend.tf:7: variables not allowed: "},
		{
			"other backend", "backend.tf", `backend "s3"`, `backend "local"`,
			`backend.tf:4: want backend "s3", found backend "local"`,
		},
		{
			"no backend", "backend.tf", `backend "s3"`, `cloud`,
			`backend.tf:3: want terraform { backend "s3" { … } }, found no backend`,
		},
		{
			"constraint", "terraform.tf", ">= 1.11.0, < 2.0.0", "new",
			`terraform.tf:3: required_version: want a constraint such as ">= 1.11.0, < 2.0.0", found "new"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := edited(t, test.file, test.from, test.to)
			_, err := Load(dir, Override{})
			if err == nil {
				t.Fatalf("Load = nil, want %s", test.want)
			}
			if got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""); !strings.HasPrefix(got,
				test.want) || strings.Contains(got, "\n") {
				t.Errorf("Load =\n%s\nwant one line that begins with\n%s", got, test.want)
			}
		})
	}
}

// Who has three faults is told of three, in the order of the files.
func TestAllFaultsAtOnce(t *testing.T) {
	dir := edited(t, "locals.tf", `"us-west-2"`, `"west"`)
	edit(t, dir, "locals.tf", "= 30", "= -1")
	edit(t, dir, "locals.tf", `"${local.environment}-${local.project}-client"`,
		`"${local.environment}-${local.projekt}-client"`)
	edit(t, dir, "backend.tf", "cfndev-envoy-proxy-poc-terraform-state", "x")
	region := "nowhere"
	_, err := Load(dir, Override{Region: &region})
	if err == nil {
		t.Fatal("Load = nil, want five faults")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		"local.region:", "local.projekt is not defined", "local.retention_days:", "bucket:",
		"-region: want an AWS region",
	} {
		if len(lines) != 5 || !strings.Contains(lines[i], want) {
			t.Fatalf("Load =\n%v\nwant five lines, of which number %d has %q", err, i+1, want)
		}
	}
}

// written is a folder whose locals.tf is good, with one text of it replaced.
func written(t *testing.T, from, to string) string {
	t.Helper()
	dir := edited(t, "backend.tf", "# Literals", "#  Literals")
	if err := os.WriteFile(filepath.Join(dir, "locals.tf"), []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, dir, "locals.tf", from, to)
	return dir
}
