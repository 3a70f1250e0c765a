package tasks_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks"
)

var update = flag.Bool("update", false, "write the menu's golden file")

const goldenMenu = "testdata/menu.golden"

// TestMenu keeps `mage -l`: its names are a contract with scripts and CI workflows.
func TestMenu(t *testing.T) {
	out, err := exec.Command(menu, "-l").CombinedOutput()
	if err != nil {
		t.Fatalf("mage -l: %v\n%s", err, out)
	}
	if *update {
		if err := os.WriteFile(goldenMenu, out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := string(out), read(t, goldenMenu); got != want {
		t.Errorf("mage -l says\n%s\nwant\n%s\n(go test ./tasks -run TestMenu -update writes the new one)", got, want)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTargetsAreTheMenu keeps the table by which a command line is checked the same as Mage's own list.
func TestTargetsAreTheMenu(t *testing.T) {
	_, targets, _ := strings.Cut(read(t, goldenMenu), "Targets:\n")
	listed := 0
	for line := range strings.Lines(targets) {
		name := strings.Fields(line)[0]
		listed++
		if _, known := tasks.Targets[name]; !known {
			t.Errorf("%s is in the menu and not in tasks.Targets", name)
		}
		help, err := exec.Command(menu, "-h", name).CombinedOutput()
		if err != nil {
			t.Errorf("mage -h %s: %v\n%s", name, err, help)
		}
		checkHelp(t, name, string(help))
	}
	if listed != len(tasks.Targets) {
		t.Errorf("the menu has %d targets, tasks.Targets %d", listed, len(tasks.Targets))
	}
}

// checkHelp compares a target's help with the table.
func checkHelp(t *testing.T, name, help string) {
	t.Helper()
	_, synopsis, _ := strings.Cut(help, "Usage:\n\n\t")
	words := strings.Count(strings.SplitN(synopsis, "\n", 2)[0], " <")
	if want := tasks.Targets[name].Words; words != len(want) {
		t.Errorf("%s takes %d words, tasks.Targets says %q: %q", name, words, want, synopsis)
	}
	var flags []string
	for _, found := range helpFlag.FindAllStringSubmatch(help, -1) {
		flags = append(flags, found[1])
		line := append([]string{name}, slices.Repeat([]string{"word"}, words)...)
		err := tasks.CheckArguments(append(line, "-"+found[1]+"=neither"))
		if text := found[2] == "string"; text != (err == nil) {
			t.Errorf("%s -%s takes a %s, and of a text is said: %v", name, found[1], found[2], err)
		}
	}
	want := slices.Clone(tasks.Targets[name].Flags)
	slices.Sort(flags)
	slices.Sort(want)
	if !slices.Equal(flags, want) {
		t.Errorf("%s has the flags %q, tasks.Targets says %q", name, flags, want)
	}
}

// helpFlag is a line of a target's help below "Flags:": its name and type.
var helpFlag = regexp.MustCompile(`(?m)^\t-(\w+)=<([\w.]+)>`)
