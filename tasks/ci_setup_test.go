package tasks_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// standIn poses as aws and gh: it answers the two questions, and writes its arguments down.
const standIn = `#!/bin/sh
printf '%s\0' "${0##*/}" "$@" >>"$LOG"
printf '\n\0' >>"$LOG"
case $1 in
sts) echo 123456789012 ;;
repo) echo team/poc ;;
esac
`

// TestDocumentsSetCIUp runs the commands of docs/ci.md, and wants them to make what the workflows ask for.
func TestDocumentsSetCIUp(t *testing.T) {
	_, block, found := strings.Cut(read(t, "../docs/ci.md"), "```bash\n")
	block, _, found2 := strings.Cut(block, "```")
	if !found || !found2 {
		t.Fatal("docs/ci.md has no block of bash")
	}
	bin := t.TempDir()
	for _, name := range []string{"aws", "gh"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(standIn), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(bin, "log")
	cmd := exec.CommandContext(t.Context(), "bash", "-euc", block)
	cmd.Dir, cmd.Env = "..", []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "LOG=" + log}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the commands of docs/ci.md: %v\n%s", err, out)
	}
	documents, variables := 0, []string{}
	for command := range strings.SplitSeq(read(t, log), "\x00\n\x00") {
		args := strings.Split(command, "\x00")
		for _, arg := range args {
			if strings.HasPrefix(arg, "{") {
				documents++
				wantDocument(t, arg)
			}
		}
		if len(args) > 3 && args[0] == "gh" && args[1] == "variable" {
			variables = append(variables, args[3])
		}
	}
	if documents != 4 {
		t.Errorf("the commands of docs/ci.md hand over %d policies, want 4:\n%q", documents, read(t, log))
	}
	for _, wanted := range regexp.MustCompile(`vars\.(\w+)`).FindAllStringSubmatch(read(t, "../.github/workflows/deploy.yml"), -1) {
		if !slices.Contains(variables, wanted[1]) {
			t.Errorf("deploy.yml reads the variable %s, and docs/ci.md sets %q", wanted[1], variables)
		}
	}
}

func wantDocument(t *testing.T, text string) {
	t.Helper()
	if !json.Valid([]byte(text)) || strings.Contains(text, "ACCOUNT_ID") || strings.Contains(text, "OWNER") || !strings.Contains(text, "123456789012") {
		t.Errorf("not filled in, or no JSON:\n%s", text)
	}
}
