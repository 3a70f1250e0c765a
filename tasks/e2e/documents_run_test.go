package e2e_test

import (
	"maps"
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

// elsewhere are the commands of documents that are not typed here, each with the reason or with the test that types it:
// they take minutes, need more than this world has, or would run this test.
var elsewhere = map[string]string{
	"mage test":                                "is what runs this",
	"mage check":                               "is what CI runs; story check",
	"mage bench":                               "runs below -bench; TestCompared reads its output",
	"mage push:all -engine=docker":             "TestBuildDocker and its like, package image",
	"mage build:vulns":                         "needs the network; story vulns",
	"mage promote:all v1.4.0 -to=prod":         needsTwo,
	"mage promote:app v1.4.0 -to=prod -dryRun": needsTwo,
	"mage promote:app v1.4.0 -to=prod -failOn=critical":    needsTwo,
	"mage env prod promote:app v1.4.0 -to=cfndev -tag=hot": needsTwo,
	"mage serve":          "does not end; this world has one running, and story serve",
	"go run ./apps/app &": "apps/story_test.go",
	"ENVOY_ENDPOINT=ws://127.0.0.1:8080 HEALTH_PORT=8082 " +
		"MESSAGE_INTERVAL_MIN=1s MESSAGE_INTERVAL_MAX=2s go run ./apps/client": "apps/story_test.go",
}

const needsTwo = "needs two environments; story promote"

// answered are the commands that ask a question. -yes answers it here.
var answered = []string{"mage destroy", "mage ecr:cleanup"}

// TestDocumentsRun types the commands of the documents' indented blocks as they stand, in their order, against a local
// AWS. At the beginning of each section the repositories hold images.
func TestDocumentsRun(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := readable(newServedWorld(t))
	unused := map[string]bool{}
	for command := range elsewhere {
		unused[command] = true
	}
	empty := true
	for _, document := range documents(t) {
		if filepath.Base(document) == "yours.md" { // TestYours types it, in a tree of its own
			continue
		}
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
				bash(w, "mage deploy -yes && mage push:all -platform=linux/amd64")
				empty = false
			}
			for _, command := range commands {
				bash(w, yes(command))
				empty = empty || deletes(command)
			}
		}
	}
	for command := range unused {
		t.Errorf("no document has the command %q any more", command)
	}
}

// TestDocumentsShowWhatIsPrinted compares the documents' transcripts with what the commands print now, without the
// parts that differ from run to run. A line that is only an ellipsis stands for any number of lines.
func TestDocumentsShowWhatIsPrinted(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := readable(newServedWorld(t))
	bash(w, "mage deploy -yes && mage push:all")
	fresh := readable(newWorld(t))
	fresh.env["LOCAL_AWS_PORT"] = "0"
	for _, document := range documents(t) {
		for _, section := range sections(read(t, document)) {
			for _, shown := range section.transcripts() {
				w := w
				if strings.HasPrefix(shown.command, "mage local ") {
					w = fresh
				}
				stage(w, shown.command)
				said, _ := w.try("bash", "-c", shown.command)
				if !like(shown.lines, strings.Split(strings.TrimSpace(said), "\n")) {
					t.Errorf("%s shows of %s\n%s\nand it prints\n%s", document, shown.command, strings.Join(shown.lines, "\n"), said)
				}
			}
		}
	}
}

// readable prepares a world for commands as people read and type them: a `mage` on the PATH, and the files that the
// documents name.
func readable(w *world) *world {
	w.t.Helper()
	bin := filepath.Join(w.home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Symlink(mage, filepath.Join(bin, "mage")); err != nil {
		w.t.Fatal(err)
	}
	w.env["PATH"] = bin + string(os.PathListSeparator) + w.env["PATH"]
	if err := os.Symlink("tasks/e2e/testdata/vulndb/unlinked", filepath.Join(w.dir, "vulndb")); err != nil {
		w.t.Fatal(err)
	}
	write(w.t, filepath.Join(w.dir, "in-use.txt"), "sha256:"+strings.Repeat("0", 64)+"\n")
	return w
}

// bash types a command, which has to succeed.
func bash(w *world, command string) {
	w.t.Helper()
	if program, needs := needed(command); needs {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") != "true" {
			w.t.Logf("not typed, as %s is not installed: %s", program, command)
			return
		}
	}
	if said, err := w.try("bash", "-euo", "pipefail", "-c", command); err != nil {
		w.t.Errorf("%s: %v\n%s", command, err, said)
	}
}

// needed is a program besides mage that a command runs, and that may not be installed.
func needed(command string) (string, bool) {
	for _, program := range []string{"skopeo", "aws"} {
		if strings.Contains(command, "&& "+program+" ") {
			return program, true
		}
	}
	return "", false
}

// stage makes the world one in which a transcript's command prints what a document shows.
func stage(w *world, command string) {
	w.t.Helper()
	switch command {
	case "mage deploy": // a repository was renamed, and somebody changed the other one by hand
		_, err := w.ecr.PutImageScanningConfiguration(w.t.Context(), &awsecr.PutImageScanningConfigurationInput{
			RepositoryName:             aws.String(repositories["app"]),
			ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: false},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.edit("terraform/04-ecr-repositories/locals.tf", "-client\" }", "-peer\" }")
	case "mage doctor": // the machine knows no account
		maps.DeleteFunc(w.env, func(name, _ string) bool { return strings.HasPrefix(name, "AWS_") })
	}
}

// section is a part of a document below one heading.
type section struct{ blocks []string }

// sections splits a document at its headings and keeps the indented blocks, without the indentation.
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

// commands are the lines of the blocks that show no output.
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

// isTable reports whether a block is a table of measurements. Their figures differ from machine to machine.
func isTable(block string) bool {
	return strings.HasPrefix(block, "COMPARISON ") || strings.HasPrefix(block, "FIRST COMPILATION ") ||
		strings.HasPrefix(block, "REPORT ")
}

// transcript is a command with its output.
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

// typed is a command in which `mage`, the compiled menu, replaces `go tool mage`, which would compile it first. A
// command that compiles the menu remains as it is.
func typed(command string) string {
	command = strings.TrimSpace(command)
	if strings.Contains(command, "-compile") {
		return command
	}
	return strings.ReplaceAll(command, "go tool mage", "mage")
}

// deletes reports whether a command may delete the last image.
func deletes(command string) bool {
	return strings.Contains(command, "destroy") || strings.Contains(command, "ecr:cleanup")
}

// yes answers the question of a command in advance.
func yes(command string) string {
	for _, asks := range answered {
		if strings.HasPrefix(command, asks) && !strings.Contains(command, "-yes") && !strings.Contains(command, "-dryRun") {
			return command + " -yes"
		}
	}
	return command
}

// differing are the parts that are not the same on each run, on each machine, or in each version.
var differing = regexp.MustCompile(strings.Join([]string{
	`sha256:[0-9a-f]{12,64}`, `\b([0-9a-f]{40}|[0-9a-f]{12})(-dirty)?\b`, `\b\d{8}-\d{6}\b`, `\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?`,
	`(http://)?127\.0\.0\.1:\d+`, `\b\d{12}\b`, `\b\d+(\.\d+)? (B|kB|MB|GB|s|min|h|d)\b`, `/[\w./@:-]+`,
	`go1\.[\d.]+`, `arn:aws[\w:/-]+`, `\s+`,
}, "|"))

func alike(line string) string { return strings.TrimSpace(differing.ReplaceAllString(line, " ")) }

// like compares lines. In want the line "…" stands for any number of lines, and "…" at a line's end for the rest of it.
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
