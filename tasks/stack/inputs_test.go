package stack

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/session"
)

// input is a check of one row of the table "Every input" in docs/configuration.md: what the row says becomes of its
// inputs, and a function that sets each of them up and looks.
type input struct {
	verb  string
	check func(t *testing.T, names []string)
}

// TestEveryInput walks the table. A row without a check is an error, and a check without a row.
func TestEveryInput(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Every input\n")
	table, _, _ = strings.Cut(table, "\n## ")
	_, table, _ = strings.Cut(table, "\n|---|---|---|\n")
	checks := map[string]input{}
	for _, more := range []map[string]input{inputsOfFolder(), inputsOfTerraform(), inputsOfAWS()} {
		maps.Copy(checks, more)
	}
	var rows []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		row, verb := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
		rows = append(rows, row)
		check, ok := checks[row]
		switch {
		case !ok:
			t.Errorf("the row %s has no check", row)
		case check.verb != verb:
			t.Errorf("the row %s says %q, and its check looks for %q", row, verb, check.verb)
		default:
			t.Run(row, func(t *testing.T) { check.check(t, inTicks(row)) })
		}
	}
	for row := range checks {
		if !slices.Contains(rows, row) {
			t.Errorf("the table has no row %s", row)
		}
	}
}

// inTicks are the words between back-ticks, with an X for a star.
func inTicks(cell string) []string {
	var names []string
	for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		names = append(names, strings.ReplaceAll(found[1], "*", "X"))
	}
	return names
}

// outset is a copy of the configuration, with a profile of locals.tf in an empty HOME, and a program in the place of
// Terraform that notes what it gets. Nothing of the test's own environment is left that is an input.
type outset struct {
	t                        *testing.T
	root, dir, home, journal string
}

func newOutset(t *testing.T) outset {
	t.Helper()
	for name := range session.Environment() {
		for _, prefix := range []string{"AWS_", "TF_", "TERRAFORM_", "CHECKPOINT_", "SSL_CERT_"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "") // so that it is restored
				_ = os.Unsetenv(name)
			}
		}
	}
	o := outset{t: t, root: t.TempDir(), home: t.TempDir(), journal: t.TempDir()}
	o.dir = filepath.Join(o.root, "terraform", "ecr")
	project := session.Project{Root: "../.."}
	if err := os.CopyFS(o.dir, os.DirFS(project.Path(project.TerraformDir()))); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(o.dir, ".terraform")); err != nil { // of a checkout that is used
		t.Fatal(err)
	}
	for _, name := range []string{"locals.tf", "backend.tf"} { // with the values that the tests know
		text, err := os.ReadFile(filepath.Join("../internal/settings/testdata/project", name))
		if err != nil {
			t.Fatal(err)
		}
		o.write(filepath.Join(o.dir, name), string(text))
	}
	o.write(filepath.Join(o.home, ".aws", "config"), profileText("profile avive-cfndev-k8s", "HOME"))
	o.write(filepath.Join(o.root, PinFile), "1.11.4\n")
	o.write(filepath.Join(o.journal, "chosen"), chosenByInit)
	o.write(filepath.Join(o.journal, "terraform"), strings.ReplaceAll(terraformDouble, "JOURNAL", o.journal))
	if err := os.Chmod(filepath.Join(o.journal, "terraform"), 0o700); err != nil {
		t.Fatal(err)
	}
	o.set("HOME", o.home)
	o.sdkHome()
	o.set("TERRAFORM_PATH", filepath.Join(o.journal, "terraform"))
	o.set("AWS_EC2_METADATA_DISABLED", "true")
	return o
}

// terraformDouble notes its environment and arguments, and does of init what the targets look for.
const terraformDouble = `#!/bin/sh
case $1 in
version) echo '{"terraform_version": "1.11.4", "terraform_outdated": false}' ;;
init)
	env >"JOURNAL/env"
	echo "$*" >>"JOURNAL/inits"
	mkdir -p "$TF_DATA_DIR"
	cp "JOURNAL/chosen" "$TF_DATA_DIR/terraform.tfstate"
	;;
plan)
	for word; do
		case $word in -out=*) ls -ld "$(dirname "${word#-out=}")" >"JOURNAL/plan" ;; esac
	done
	;;
esac
`

// chosenByInit is what Terraform 1.11 writes for the backend in backend.tf, as far as it is looked at.
const chosenByInit = `{"version": 3, "backend": {"type": "s3", "hash": 1, "config": {
	"bucket": "cfndev-envoy-proxy-poc-terraform-state", "key": "04-ecr-repositories/terraform.tfstate",
	"region": "us-west-2", "use_lockfile": true, "dynamodb_table": null, "endpoints": null, "assume_role": null}}}`

// sdkHome tells the SDK of the new HOME: it looks only when a process starts.
func (o outset) sdkHome() {
	configs, credentials := config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles
	o.t.Cleanup(func() {
		config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles = configs, credentials
	})
	config.DefaultSharedConfigFiles = []string{config.DefaultSharedConfigFilename()}
	config.DefaultSharedCredentialsFiles = []string{config.DefaultSharedCredentialsFilename()}
}

func profileText(section, key string) string {
	return "[" + section + "]\naws_access_key_id = " + key + "\naws_secret_access_key = secret\n"
}

func (o outset) set(name, value string) { o.t.Setenv(name, value) }

func (o outset) write(path, text string) {
	o.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// edit replaces a text in a file of the configuration.
func (o outset) edit(name, from, to string) {
	o.t.Helper()
	text, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil || !strings.Contains(string(text), from) {
		o.t.Fatalf("%s has no %q: %v", name, from, err)
	}
	o.write(filepath.Join(o.dir, name), strings.Replace(string(text), from, to, 1))
}

// seen is what a target and Terraform made of an outset.
type seen struct {
	opened *session.Session
	stack  *Stack
	said   string            // the story
	env    map[string]string // Terraform's
	inits  []string          // the command lines of the inits
	err    error
}

// start goes as far as each target that runs Terraform: to the end of the init.
func (o outset) start() seen {
	o.t.Helper()
	story, err := os.Create(filepath.Join(o.journal, "story"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer story.Close()
	project := &session.Project{Console: console.New(os.Stdin, story, story, true), Root: o.root}
	var s seen
	if s.opened, s.err = session.Read(project, session.Where{}); s.err != nil {
		return s
	}
	if s.err = CheckState(s.opened); s.err != nil {
		return s
	}
	if s.stack, s.err = newStack(context.Background(), s.opened, 0); s.err == nil {
		s.err = s.stack.Init(context.Background())
	}
	s.said, s.env = o.read("story"), map[string]string{}
	for line := range strings.Lines(o.read("env")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		s.env[name] = value
	}
	s.inits = strings.Split(strings.TrimSpace(o.read("inits")), "\n")
	return s
}

func (o outset) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(o.journal, name)) // none before the first init
	return string(text)
}

// begun is start where nothing is refused.
func (o outset) begun() seen {
	o.t.Helper()
	s := o.start()
	if s.err != nil {
		o.t.Fatal(s.err)
	}
	return s
}

// wantRefused wants an error before Terraform starts, with a hint. What leads to an error of its own is no refusal.
func (o outset) wantRefused(words string) {
	o.t.Helper()
	s := o.start()
	if text := console.ErrorText(s.err); s.err == nil || !strings.Contains(text, words) || !strings.Contains(text,
		"hint: ") {
		o.t.Errorf("it is not refused with the words %q and a hint: %v", words, s.err)
	}
	if s.stack != nil {
		o.t.Errorf("it is refused late: %v", s.err)
	}
}

// each runs a check for each name, in an outset of its own.
func each(check func(o outset, name string)) func(*testing.T, []string) {
	return func(t *testing.T, names []string) {
		t.Helper()
		if len(names) == 0 {
			t.Error("the row names no input")
		}
		for _, name := range names {
			t.Run(name, func(t *testing.T) { check(newOutset(t), name) })
		}
	}
}

// handedOn wants a variable in Terraform's environment as it is.
func handedOn(value string) input {
	return input{"hands on", each(func(o outset, name string) {
		o.set(name, value)
		if s := o.begun(); s.env[name] != value {
			o.t.Errorf("Terraform gets %q, want %q", s.env[name], value)
		}
	})}
}

// dropped wants a variable to be absent from Terraform's environment, and a warning that names it.
func dropped() input {
	return input{"drops", each(func(o outset, name string) {
		o.set(name, "mine")
		s := o.begun()
		if s.env[name] == "mine" {
			o.t.Error("Terraform gets it")
		}
		if !strings.Contains(s.said, "not passed on to Terraform: "+name) {
			o.t.Errorf("no warning names it: %s", s.said)
		}
	})}
}
