package e2e_test

import (
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
// targets and flags exist. TestDocumentsRun plays the blocks, to see that they do what they say.
func TestDocumentsNameWhatExists(t *testing.T) {
	checked := 0
	for _, document := range documents(t) {
		for _, words := range inDocument.FindAllStringSubmatch(read(t, document), -1) {
			args := arguments(words[1])
			if len(args) > 0 && args[0] == "-compile" { // Mage itself, not the menu
				continue
			}
			checked++
			if err := menu.Check(read(t, magefile), args); err != nil {
				t.Errorf("%s: mage %s: %v", document, words[1], err)
			}
		}
	}
	if checked == 0 {
		t.Error("no document names a command")
	}
}

// TestDocumentsNameEveryTarget keeps a target from being in the menu alone.
func TestDocumentsNameEveryTarget(t *testing.T) {
	var all strings.Builder
	for _, document := range documents(t) {
		all.WriteString(read(t, document))
	}
	targets, err := menu.Read(read(t, magefile))
	if err != nil {
		t.Fatal(err)
	}
	for name := range targets {
		if !regexp.MustCompile("(?m)(`|mage )" + name + "($|[` ])").MatchString(all.String()) {
			t.Errorf("no document names the target %s", name)
		}
	}
}

// TestDocumentsFenceNoCommand keeps commands out of fenced blocks, which nothing here types.
func TestDocumentsFenceNoCommand(t *testing.T) {
	command := regexp.MustCompile(`^(\$ |mage |go tool mage )`)
	for _, document := range documents(t) {
		fenced := false
		for line := range strings.Lines(read(t, document)) {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			if fenced && command.MatchString(line) {
				t.Errorf("%s: indent this by four spaces instead, so that a test types it: %s", document, line)
			}
		}
	}
}

// TestDocumentsLink follows the links from page to page, down to the heading.
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

// TestReadmeIsShort keeps the README a page that somebody new reads to the end.
func TestReadmeIsShort(t *testing.T) {
	const most = 1800
	if words := len(strings.Fields(read(t, root+"/README.md"))); words > most {
		t.Errorf("README.md has %d words, want at most %d: move details to docs", words, most)
	}
}

// inDocument is a command of the menu: in a line of a block, or between back-ticks.
var inDocument = regexp.MustCompile("(?m)(?:^ {4,}(?:\\$ )?|`)(?:go tool )?mage ([^`\n]*)")

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

// arguments are the words of a command up to what belongs to the shell, or to prose: a comment, a pipe, an ellipsis.
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
