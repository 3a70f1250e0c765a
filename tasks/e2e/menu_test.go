package e2e_test

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"envoy-proxy-poc/tasks/menu"
)

var update = flag.Bool("update", false, "write the menu's golden file, and the pictures of docs")

const (
	goldenMenu = "testdata/menu.golden"
	magefile   = root + "/magefile.go"
)

// TestMenu compares `mage -l` with its golden file: scripts and CI workflows depend on the names of targets.
func TestMenu(t *testing.T) {
	out, err := exec.Command(mage, "-l").CombinedOutput()
	if err != nil {
		t.Fatalf("mage -l: %v\n%s", err, out)
	}
	if *update {
		if err := os.WriteFile(goldenMenu, out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := string(out), read(t, goldenMenu); got != want {
		t.Errorf("mage -l says\n%s\nwant\n%s\n(go test ./tasks/e2e -run TestMenu -update writes the new one)", got, want)
	}
}

// TestMenuCompletes wants every target from what the shells' completion asks Mage for.
func TestMenuCompletes(t *testing.T) {
	list := exec.Command("go", "tool", "mage", "-autocomplete")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatalf("mage -autocomplete: %v", err)
	}
	want := slices.Sorted(maps.Keys(targets(t))) // which Mage lists in small letters, and takes in any
	if got := strings.Fields(string(out)); !slices.EqualFunc(got, want, strings.EqualFold) {
		t.Errorf("mage -autocomplete names %q, want %q", got, want)
	}
}

// TestMenuCompletesFlags asks bash what the Tab key would put in, for `go tool mage` and for a compiled menu.
func TestMenuCompletesFlags(t *testing.T) {
	takesLong(t)
	const script = `shopt -s expand_aliases; alias mage='go tool mage'; . docs/completion/mage.sh
COMP_WORDBREAKS=$' \t\n=:' COMP_LINE="${1##*/} $2"; COMP_POINT=${#COMP_LINE}
_mage "$1"; printf '%s|' "${COMPREPLY[@]}"`
	for _, called := range []string{"mage", mage} {
		for line, want := range map[string]string{
			"depl": "deploy |", "local push:a": "all |app |", "local deploy -allow": "-allowDelete |",
			"deploy ship -p": "-platform=|",
			"ecr:status -i":  "-images=|", "$(exit)": "|", "nothing -": "|",
		} {
			complete := exec.Command("bash", "-c", script, "bash", called, line)
			complete.Dir = root
			if out, err := complete.CombinedOutput(); err != nil || string(out) != want {
				t.Errorf("%s %s is completed by %q (%v), want %q", called, line, out, err, want)
			}
		}
	}
}

// TestMenuSentences wants a sentence of at most 60 characters for each target, so that a line of the menu is not wrapped.
func TestMenuSentences(t *testing.T) {
	const most = 60
	for name, sentence := range listed(t) {
		if length := utf8.RuneCountInString(sentence); length == 0 || length > most {
			t.Errorf("%s: the sentence has %d characters, want 1 to %d: %s", name, length, most, sentence)
		}
		if !strings.HasSuffix(sentence, ".") {
			t.Errorf("%s: the sentence has no full stop: %s", name, sentence)
		}
	}
}

// TestMenuHelp compares each target's help with what menu.Read finds, and wants an example at the end of its text.
func TestMenuHelp(t *testing.T) {
	known := targets(t)
	menuLines := listed(t)
	for name := range menuLines {
		target, found := known[name]
		if !found {
			t.Errorf("%s is in the menu, and Read does not find it", name)
		}
		out, err := exec.Command(mage, "-h", name).CombinedOutput()
		if err != nil {
			t.Errorf("mage -h %s: %v\n%s", name, err, out)
		}
		text, usage, _ := strings.Cut(string(out), "Usage:\n\n\t")
		checkExample(t, name, text)
		checkUsage(t, name, target, usage)
	}
	if len(menuLines) != len(known) {
		t.Errorf("the menu has %d targets, Read finds %d", len(menuLines), len(known))
	}
}

// TestMenuGroups wants only targets in the groups of the menu's first page.
func TestMenuGroups(t *testing.T) {
	page, _, _ := strings.Cut(read(t, goldenMenu), "Targets:\n")
	_, groups, found := strings.Cut(page, "The targets of every day:\n")
	if !found {
		t.Fatalf("the menu has no groups:\n%s", page)
	}
	known := targets(t)
	for _, line := range regexp.MustCompile(`(?m)^\t(\w+) +(.*)$`).FindAllStringSubmatch(groups, -1) {
		for _, name := range regexp.MustCompile(`[;,]? and |[;,] `).Split(line[2], -1) {
			if _, isTarget := known[name]; !isTarget {
				t.Errorf("group %s: there is no target %q", line[1], name)
			}
		}
	}
}

// listed are the sentences of the menu, by target.
func listed(t *testing.T) map[string]string {
	t.Helper()
	_, list, _ := strings.Cut(read(t, goldenMenu), "Targets:\n")
	sentences := map[string]string{}
	for line := range strings.Lines(list) {
		name, sentence, _ := strings.Cut(strings.TrimSpace(line), " ")
		sentences[name] = strings.TrimSpace(sentence)
	}
	if len(sentences) == 0 {
		t.Fatalf("%s lists no targets", goldenMenu)
	}
	return sentences
}

// targets are those of the magefile.
func targets(t *testing.T) map[string]menu.Target {
	t.Helper()
	known, err := menu.Read(read(t, magefile))
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// checkExample wants a last line in a target's text that is a command with the target, and that can be typed.
func checkExample(t *testing.T, name, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	command, found := strings.CutPrefix(lines[len(lines)-1], "Example: mage ")
	words := strings.Fields(command)
	if !found || !slices.Contains(words, name) {
		t.Errorf("mage -h %s has no last line with an example of it:\n%s", name, text)
		return
	}
	if _, err := menu.Check(read(t, magefile), words); err != nil {
		t.Errorf("mage -h %s: the example mage %s: %v", name, command, err)
	}
}

// checkUsage compares the words and flags of a target's help with what menu.Read finds.
func checkUsage(t *testing.T, name string, target menu.Target, usage string) {
	t.Helper()
	words := strings.Count(strings.SplitN(usage, "\n", 2)[0], " <")
	if want := target.Words; words != len(want) {
		t.Errorf("%s takes %d words, Read finds %q: %q", name, words, want, usage)
	}
	var flags []string
	for _, found := range helpFlag.FindAllStringSubmatch(usage, -1) {
		flags = append(flags, found[1])
		line := append([]string{name}, slices.Repeat([]string{"word"}, words)...)
		_, err := menu.Check(read(t, magefile), append(line, "-"+found[1]+"=neither"))
		if text := found[2] == "string"; text != (err == nil) {
			t.Errorf("%s -%s takes a %s, and of a text is said: %v", name, found[1], found[2], err)
		}
	}
	var want []string
	for _, flag := range target.Flags {
		want = append(want, flag.Name)
	}
	slices.Sort(flags)
	slices.Sort(want)
	if !slices.Equal(flags, want) {
		t.Errorf("%s has the flags %q, Read finds %q", name, flags, want)
	}
}

// helpFlag is a line of a target's help below "Flags:": its name and type.
var helpFlag = regexp.MustCompile(`(?m)^\t-(\w+)=<([\w.]+)>`)
