package e2e_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// elsewhere are the documents' commands that are not typed here, with what does it: they take minutes, ask for more
// than this world has, or would run this test.
var elsewhere = map[string]string{
	"mage test":                    "is what runs this",
	"mage check":                   "is what CI runs; story check",
	"mage bench":                   "runs below -bench; TestCompared reads its output",
	"mage push:all -engine=docker": "TestBuildDocker and its like, package image",
	"mage serve":                   "does not end; this world has one running, and story serve",
	"go run ./apps/app &":          "apps/story_test.go",
	"ENVOY_ENDPOINT=ws://127.0.0.1:8080 HEALTH_PORT=8082 MESSAGE_INTERVAL_MIN=1s MESSAGE_INTERVAL_MAX=2s go run ./apps/client": "apps/story_test.go",
}

// answered are the commands that ask; nobody is here to answer.
var answered = []string{"mage destroy", "mage ecr:cleanup"}

// TestDocumentsRun types the commands of the documents' indented blocks as they stand, in their order, against a local
// AWS. Each section begins with repositories that hold an image.
func TestDocumentsRun(t *testing.T) {
	w := newDocumentWorld(t, newEmptyWorld(t))
	unused := map[string]bool{}
	for command := range elsewhere {
		unused[command] = true
	}
	empty := true
	for _, document := range documents(t) {
		for _, section := range sections(read(t, document)) {
			commands := slices.DeleteFunc(section.commands(), func(command string) bool {
				_, skipped := elsewhere[command]
				delete(unused, command)
				return skipped
			})
			if len(commands) == 0 {
				continue
			}
			if empty {
				w.bash("mage deploy -yes && mage push:all -platform=linux/amd64")
				empty = false
			}
			for _, command := range commands {
				w.bash(yes(command))
				empty = empty || deletes(command)
			}
		}
	}
	for command := range unused {
		t.Errorf("no document has the command %q any more", command)
	}
}

// TestDocumentsShowWhatIsPrinted compares the documents' transcripts with what the commands print now, but for what
// differs from run to run. A line with nothing but an ellipsis stands for any lines.
func TestDocumentsShowWhatIsPrinted(t *testing.T) {
	w := newDocumentWorld(t, newEmptyWorld(t))
	w.bash("mage deploy -yes && mage push:all")
	fresh := newDocumentWorld(t, newCopy(t))
	fresh.env = append(fresh.env, "LOCAL_AWS_PORT=0")
	for _, document := range documents(t) {
		for _, section := range sections(read(t, document)) {
			for _, shown := range section.transcripts() {
				w := w
				if strings.HasPrefix(shown.command, "mage local ") {
					w = fresh
				}
				w.stage(shown.command)
				said := w.combined(shown.command)
				if !like(shown.lines, strings.Split(strings.TrimSpace(said), "\n")) {
					t.Errorf("%s shows of %s\n%s\nand it prints\n%s", document, shown.command, strings.Join(shown.lines, "\n"), said)
				}
			}
		}
	}
}

// documentWorld is a world with the names that people type.
type documentWorld struct{ *benchWorld }

func newDocumentWorld(t *testing.T, world *benchWorld) documentWorld {
	t.Helper()
	w := documentWorld{world}
	// one command compiles the menu
	if err := copyTree(filepath.Join("../..", "tasks"), filepath.Join(w.dir, "tasks")); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(w.dir, "home", "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mage, filepath.Join(bin, "mage")); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, text := range map[string]string{"in-use.txt": "sha256:" + strings.Repeat("0", 64) + "\n"} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// bash types a command, which has to go well.
func (w documentWorld) bash(command string) {
	w.b.Helper()
	if program, needs := needed(command); needs {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") != "true" {
			w.b.Logf("not typed, as %s is not installed: %s", program, command)
			return
		}
	}
	cmd := exec.CommandContext(w.b.Context(), "bash", "-euo", "pipefail", "-c", command)
	cmd.Dir, cmd.Env = w.dir, w.env
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		w.b.Errorf("%s: %v\n%s", command, err, &said)
	}
}

// needed is a program that a command wants besides the mage, and that may not be installed.
func needed(command string) (string, bool) {
	for _, program := range []string{"skopeo", "aws"} {
		if strings.Contains(command, "&& "+program+" ") {
			return program, true
		}
	}
	return "", false
}

// combined is what a command says on both streams, however it ends.
func (w documentWorld) combined(command string) string {
	w.b.Helper()
	cmd := exec.CommandContext(w.b.Context(), "bash", "-c", command)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// stage makes the world one in which a transcript's command says what a document shows.
func (w *documentWorld) stage(command string) {
	w.b.Helper()
	switch command {
	case "mage deploy": // of a repository that was renamed, while somebody changed the other by hand
		_, err := w.ecr.PutImageScanningConfiguration(context.Background(), &awsecr.PutImageScanningConfigurationInput{
			RepositoryName: aws.String(
				repositories["app"]), ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: false},
		})
		if err != nil {
			w.b.Fatal(err)
		}
		w.edit("terraform/04-ecr-repositories/locals.tf", "-client\" }", "-peer\" }")
	case "mage doctor": // on a machine that knows of no account
		w.env = slices.DeleteFunc(w.env, func(pair string) bool { return strings.HasPrefix(pair, "AWS_") })
	}
}

func (w documentWorld) edit(file, old, replacement string) {
	w.b.Helper()
	path := filepath.Join(w.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		w.b.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		w.b.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte(old), []byte(replacement)), 0o600); err != nil {
		w.b.Fatal(err)
	}
}

// section is a part of a document below one heading.
type section struct{ blocks []string }

// sections cuts a document at its headings and keeps the indented blocks, without the indentation.
func sections(document string) []section {
	all := []section{{}}
	block, fenced := "", false
	for line := range strings.Lines(document + "\n") {
		code, indented := strings.CutPrefix(line, "    ")
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced:
		case indented, block != "" && strings.TrimSpace(line) == "":
			block += code
			continue
		case strings.HasPrefix(line, "## "):
			all = append(all, section{})
		}
		if block != "" {
			last := &all[len(all)-1]
			last.blocks = append(last.blocks, block)
			block = ""
		}
	}
	return all
}

// commands are the lines of blocks that show none of the output.
func (s section) commands() []string {
	var commands []string
	for _, block := range s.blocks {
		for line := range strings.Lines(block) {
			command, _, _ := strings.Cut(strings.TrimSpace(line), " #")
			if !isTable(block) && !strings.HasPrefix(block, "$ ") && strings.TrimSpace(command) != "" {
				commands = append(commands, typed(command))
			}
		}
	}
	return commands
}

// isTable reports whether a block is what a command has printed at some time: figures, which differ from machine to
// machine.
func isTable(block string) bool {
	return strings.HasPrefix(block, "COMPARISON ") || strings.HasPrefix(block, "FIRST COMPILATION ")
}

// transcript is a command with what it prints.
type transcript struct {
	command string
	lines   []string
}

func (s section) transcripts() []transcript {
	var all []transcript
	for _, block := range s.blocks {
		if command, output, found := strings.Cut(block, "\n"); found && strings.HasPrefix(command, "$ ") {
			all = append(all,
				transcript{typed(strings.TrimPrefix(command, "$ ")), strings.Split(strings.TrimSpace(output), "\n")})
		}
	}
	return all
}

// typed is a command with the compiled menu in the place of the one that go compiles first; but where that is what it
// does.
func typed(command string) string {
	command = strings.TrimSpace(command)
	if strings.Contains(command, "-compile") {
		return command
	}
	return strings.ReplaceAll(command, "go tool mage", "mage")
}

// deletes is whether a command may leave no image behind.
func deletes(command string) bool {
	return strings.Contains(command, "destroy") || strings.Contains(command, "ecr:cleanup")
}

// yes says beforehand what a command would ask.
func yes(command string) string {
	for _, asks := range answered {
		if strings.HasPrefix(command, asks) && !strings.Contains(command, "-yes") && !strings.Contains(command, "-dryRun") {
			return command + " -yes"
		}
	}
	return command
}

// differing is what is not the same from run to run, from machine to machine, and from version to version.
var differing = regexp.MustCompile(strings.Join([]string{
	`sha256:[0-9a-f]{12,64}`, `\b[0-9a-f]{40}(-dirty)?\b`, `\b\d{8}-\d{6}\b`, `\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?`,
	`(http://)?127\.0\.0\.1:\d+`, `\b\d{12}\b`, `\b\d+(\.\d+)? (B|kB|MB|GB|s|min|h|d)\b`, `/[\w./@:-]+`, `go1\.[\d.]+`, `arn:aws[\w:/-]+`, `\s+`,
}, "|"))

func alike(line string) string { return strings.TrimSpace(differing.ReplaceAllString(line, " ")) }

// like compares lines; "…" in want stands for any number of them, and at a line's end for the rest of it.
func like(want, got []string) bool {
	switch {
	case len(want) == 0:
		return len(got) == 0
	case strings.TrimSpace(want[0]) == "…":
		for i := 0; i <= len(got); i++ {
			if like(want[1:], got[i:]) {
				return true
			}
		}
		return false
	case len(got) == 0:
		return false
	}
	begin, open := strings.CutSuffix(want[0], "…")
	matches := alike(want[0]) == alike(got[0])
	if open {
		matches = strings.HasPrefix(alike(got[0]), alike(begin))
	}
	return matches && like(want[1:], got[1:])
}
