package terraform

import (
	"flag"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// CommandLine is how somebody called terraform.
type CommandLine struct {
	Words    []string          // nil where the command line could not be read
	Destroys bool              // it is `terraform destroy` or `terraform apply -destroy`
	Saved    bool              // it applies a saved plan, and only that plan knows whether it destroys
	Vars     map[string]string // of -var NAME=VALUE
}

// ParseCommandLine reads a command line with one word a line, as Linux tells it, or all words in one line, as ps prints
// them. There a space may be part of a word, so only the plain forms count as a destroy.
func ParseCommandLine(text string) CommandLine {
	text = strings.TrimSuffix(text, "\n")
	words, plain := strings.Split(text, "\n"), true
	if len(words) == 1 {
		words = strings.Fields(text)
		plain = plainDestroy(words)
	}
	if len(words) == 0 {
		return CommandLine{}
	}
	words[0] = filepath.Base(words[0])
	c := CommandLine{Words: words, Vars: map[string]string{}}
	c.parse(plain)
	return c
}

// parse uses the flag package as terraform does. A file given to `terraform apply -destroy FILE` decides alone.
func (c *CommandLine) parse(plain bool) {
	at := subcommand(c.Words)
	if at == len(c.Words) {
		return
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	destroy := flags.Bool("destroy", false, "")
	for name := range strings.FieldsSeq("auto-approve compact-warnings input json lock no-color refresh refresh-only") {
		flags.Bool(name, false, "")
	}
	for name := range strings.FieldsSeq("backup lock-timeout parallelism replace state state-out target var-file") {
		flags.String(name, "", "")
	}
	flags.Func("var", "", func(text string) error {
		name, value, _ := strings.Cut(text, "=")
		c.Vars[name] = value
		return nil
	})
	err := flags.Parse(c.Words[at+1:])
	switch c.Words[at] {
	case "destroy":
		c.Destroys = plain
	case "apply":
		c.Saved = err == nil && flags.NArg() > 0
		c.Destroys = plain && err == nil && !c.Saved && *destroy
	}
}

func subcommand(words []string) int {
	for i := 1; i < len(words); i++ {
		if !strings.HasPrefix(words[i], "-") {
			return i
		}
	}
	return len(words)
}

// plainDestroy is whether words that were split at spaces can mean a destroy only.
func plainDestroy(words []string) bool {
	at := subcommand(words)
	if at == len(words) {
		return false
	}
	rest := words[at+1:]
	if words[at] == "destroy" {
		return !slices.Contains(rest, "apply")
	}
	return len(rest) > 0 && rest[0] == "-destroy"
}
