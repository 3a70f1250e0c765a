package e2e_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/menu"
)

// documents are the pages that people read, in the order in which they meet them.
func documents(t *testing.T) []string {
	t.Helper()
	more, err := filepath.Glob(root + "/docs/*.md")
	if err != nil || len(more) == 0 {
		t.Fatalf("docs has no pages: %v", err)
	}
	return append([]string{root + "/README.md", root + "/CONTRIBUTING.md", root + "/CHANGELOG.md"}, more...)
}

// TestDocumentsNameWhatExists reads every command of the menu in the documents, in blocks and within sentences: its
// targets and flags have to exist. TestDocumentsRun types the blocks.
func TestDocumentsNameWhatExists(t *testing.T) {
	checked := 0
	for _, document := range documents(t) {
		for _, words := range inDocument.FindAllStringSubmatch(read(t, document), -1) {
			args := arguments(words[1])
			if len(args) > 0 && (args[0] == "-compile" || args[0] == "-install") { // Mage itself, not the menu
				continue
			}
			checked++
			if _, err := menu.Check(read(t, magefile), args); err != nil {
				t.Errorf("%s: mage %s: %v", document, words[1], err)
			}
		}
	}
	if checked == 0 {
		t.Error("no document names a command")
	}
}

// TestDocumentsNameEveryTarget wants each target of the menu in a document.
func TestDocumentsNameEveryTarget(t *testing.T) {
	var all strings.Builder
	for _, document := range documents(t) {
		all.WriteString(read(t, document))
	}
	for name := range targets(t) {
		if !regexp.MustCompile("(?m)(`|mage )" + name + "($|[` ])").MatchString(all.String()) {
			t.Errorf("no document names the target %s", name)
		}
	}
}

// TestDocumentsFenceNoCommand wants no commands in fenced blocks: no test types them. TestDocumentsSetCIUp types the
// one of docs/ci.md.
func TestDocumentsFenceNoCommand(t *testing.T) {
	command := regexp.MustCompile(`^(\$ |mage |go tool mage )`)
	for _, document := range documents(t) {
		fenced := false
		for line := range strings.Lines(read(t, document)) {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			if fenced && filepath.Base(document) != "ci.md" && command.MatchString(line) {
				t.Errorf("%s: indent this by four spaces instead, so that a test types it: %s", document, line)
			}
		}
	}
}

// TestDocumentsLink follows the links between the pages and to their headings.
func TestDocumentsLink(t *testing.T) {
	for _, document := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(read(t, document), -1) {
			page, anchor, _ := strings.Cut(found[1], "#")
			to := document
			if page != "" {
				to = filepath.Join(filepath.Dir(document), page)
			}
			text, err := os.ReadFile(to)
			if err != nil {
				t.Errorf("%s links to %s: %v", document, found[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(string(text)), anchor) {
				t.Errorf("%s links to %s: %s has no such heading", document, found[1], to)
			}
		}
	}
}

// TestContributingSaysWhereToLook wants places that exist in the two tables of CONTRIBUTING.md, and in the first of them
// the targets of the menu.
func TestContributingSaysWhereToLook(t *testing.T) {
	_, text, _ := strings.Cut(read(t, root+"/CONTRIBUTING.md"), "\n## Where to look\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, row := range tableRow.FindAllStringSubmatch(text, -1) {
		for _, place := range quoted.FindAllStringSubmatch(row[2], -1) {
			if _, err := os.Stat(filepath.Join(root, place[1])); err != nil {
				t.Errorf("CONTRIBUTING.md: for %s it says to look at %s: %v", row[1], place[1], err)
			}
		}
	}
	table, _, _ := strings.Cut(text, "\n| question |")
	var named []string
	for _, row := range tableRow.FindAllStringSubmatch(table, -1) {
		for _, target := range quoted.FindAllStringSubmatch(row[1], -1) {
			named = append(named, target[1])
		}
	}
	slices.Sort(named)
	if want := slices.Sorted(maps.Keys(targets(t))); !slices.Equal(named, want) {
		t.Errorf("CONTRIBUTING.md says where to look for the targets\n%q, want\n%q", named, want)
	}
}

// TestDesignShowsTheTree wants folders that exist in the layout of docs/design.md, and each folder of tasks and
// tasks/internal.
func TestDesignShowsTheTree(t *testing.T) {
	_, text, _ := strings.Cut(read(t, root+"/docs/design.md"), "\n## Layout\n\n```\n")
	text, _, _ = strings.Cut(text, "```")
	shown := map[string]bool{}
	parents := []string{""} // by depth of indentation, two columns each
	for line := range strings.Lines(text) {
		names, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		depth := min((len(line)-len(strings.TrimLeft(line, " ")))/2, len(parents)-1)
		for name := range strings.FieldsSeq(names) {
			path := filepath.Join(parents[depth], name)
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("docs/design.md: the layout shows %s: %v", path, err)
			}
			shown[path] = true
			parents = append(parents[:depth+1], path)
		}
	}
	for _, folder := range []string{"tasks", "tasks/internal"} {
		entries, err := os.ReadDir(filepath.Join(root, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if path := filepath.Join(folder, entry.Name()); entry.IsDir() && !shown[path] {
				t.Errorf("docs/design.md: the layout does not show %s", path)
			}
		}
	}
}

// TestReadmeIsShort keeps the README a page that somebody new reads to the end.
func TestReadmeIsShort(t *testing.T) {
	const most = 1800
	if words := len(strings.Fields(read(t, root+"/README.md"))); words > most {
		t.Errorf("README.md has %d words, want at most %d: move details to docs", words, most)
	}
}

// inDocument is a command of the menu: in a line of a block, or between back-ticks.
var inDocument = regexp.MustCompile("(?m)(?:^ {4,}(?:\\$ )?|`)(?:go tool )?mage ([^`\n]*)")

// tableRow is a row of a table with two columns.
var tableRow = regexp.MustCompile(`(?m)^\| (.*) \| (.*) \|$`)

// quoted is a word between back-ticks.
var quoted = regexp.MustCompile("`([^`]+)`")

// link is one to another page, not to the web.
var link = regexp.MustCompile(`\]\(([^):]+)\)`)

// anchors are the names that GitHub gives to the headings of a page.
func anchors(document string) []string {
	var names []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(document, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// arguments are the words of a command. They end where the shell or the sentence goes on: at a comment, a pipe or an
// ellipsis.
func arguments(line string) []string {
	var words []string
	for word := range strings.FieldsSeq(line) {
		if strings.ContainsAny(word[:1], "#|>&") || strings.Contains(word, "…") || strings.HasPrefix(word, "$(") {
			break
		}
		words = append(words, word)
	}
	return words
}
