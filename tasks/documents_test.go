package tasks

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentsNameWhatExists reads every command of the menu in the documents, in blocks and within sentences: its targets and
// flags are there. That the blocks do what they say is played by TestDocumentsRun.
func TestDocumentsNameWhatExists(t *testing.T) {
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile("../" + document)
		if err != nil {
			t.Fatal(err)
		}
		found := inDocument.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s names no command", document)
		}
		for _, words := range found {
			args := arguments(words[1])
			if len(args) > 0 && args[0] == "-compile" { // Mage itself, not the menu
				continue
			}
			if err := CheckArguments(args); err != nil {
				t.Errorf("%s: mage %s: %v", document, words[1], err)
			}
		}
	}
}

// inDocument is a command of the menu: in a line of a block, or between back-ticks.
var inDocument = regexp.MustCompile("(?m)(?:^ {4}(?:\\$ )?|`)(?:go tool )?mage ([^`\n]*)")

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
