package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// standIn replaces aws and gh: it answers their three questions, and logs its arguments.
const standIn = `#!/bin/sh
printf '%s\0' "${0##*/}" "$@" >>"$LOG"
printf '\n\0' >>"$LOG"
case $*" " in
sts*) echo 123456789012 ;;
repo*) echo team/poc ;;
"api repos/team/poc/actions/oidc/customization/sub --jq .sub_claim_prefix ") echo "$SUBJECT" ;;
esac
`

// TestDocumentsSetCIUp runs the commands of docs/ci.md. They have to create what the workflows need. In GitHub's tokens
// the name of a repository contains numbers, unless the repository is older than July 2026.
func TestDocumentsSetCIUp(t *testing.T) {
	takesLong(t)
	for _, subject := range []string{"repo:team@12345/poc@67890", "repo:team/poc"} {
		documents, variables := setUp(t, subject)
		if len(documents) != 4 {
			t.Fatalf("the commands of docs/ci.md hand over %d policies, want 4:\n%q", len(documents), documents)
		}
		var trusted []string
		for _, document := range documents {
			trusted = append(trusted, wantDocument(t, document)...)
		}
		want := []string{subject + ":pull_request", subject + ":ref:refs/heads/main", subject + ":ref:refs/heads/main"}
		if slices.Sort(trusted); !slices.Equal(trusted, want) {
			t.Errorf("AWS lets %q in, want %q", trusted, want)
		}
		workflow := read(t, root+"/.github/workflows/deploy.yml")
		for _, wanted := range regexp.MustCompile(`vars\.(\w+)`).FindAllStringSubmatch(workflow, -1) {
			optional := strings.Contains(read(t, root+"/docs/ci.md"), "`gh variable set "+wanted[1]+" ")
			if !slices.Contains(variables, wanted[1]) && !optional {
				t.Errorf("deploy.yml reads the variable %s, and docs/ci.md sets %q", wanted[1], variables)
			}
		}
	}
	if documents, _ := setUp(t, ""); documents != nil {
		t.Errorf("GitHub names no subject, and the commands of docs/ci.md hand over\n%q", documents)
	}
}

// setUp runs the commands of docs/ci.md for a repository with this subject in GitHub's tokens. It returns the policies
// and the names of the variables that the commands pass to aws and gh.
func setUp(t *testing.T, subject string) (documents, variables []string) {
	t.Helper()
	_, block, found := strings.Cut(read(t, root+"/docs/ci.md"), "```bash\n")
	block, _, found2 := strings.Cut(block, "```")
	if !found || !found2 {
		t.Fatal("docs/ci.md has no block of bash")
	}
	w := readable(newWorld(t))
	bin := t.TempDir()
	for _, name := range []string{"aws", "gh"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(standIn), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(bin, "log")
	w.env["PATH"], w.env["LOG"], w.env["SUBJECT"] = bin+string(os.PathListSeparator)+w.env["PATH"], log, subject
	if out, err := w.try("bash", "-euc", block); (err == nil) != (subject != "") {
		t.Fatalf("the commands of docs/ci.md: %v\n%s", err, out)
	}
	for command := range strings.SplitSeq(read(t, log), "\x00\n\x00") {
		args := strings.Split(command, "\x00")
		for _, arg := range args {
			if file, found := strings.CutPrefix(arg, "file://"); found {
				documents = append(documents, read(t, filepath.Join(w.dir, file)))
			}
		}
		if len(args) > 3 && args[0] == "gh" && args[1] == "variable" {
			variables = append(variables, args[3])
		}
	}
	return documents, variables
}

// wantDocument wants a policy without placeholders, and returns the subjects that it trusts.
func wantDocument(t *testing.T, text string) (subjects []string) {
	t.Helper()
	var document policy
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Errorf("no JSON: %v\n%s", err, text)
	}
	empty := strings.Contains(text, "ACCOUNT_ID") || strings.Contains(text, "SUBJECT")
	if empty || !strings.Contains(text, "123456789012") {
		t.Errorf("not filled in:\n%s", text)
	}
	for _, statement := range document.Statement {
		subjects = append(subjects, statement.Condition["StringEquals"]["token.actions.githubusercontent.com:sub"]...)
	}
	return subjects
}
