package e2e_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/menu"
)

var update = flag.Bool("update", false, "write the menu's golden file")

const (
	goldenMenu = "testdata/menu.golden"
	magefile   = root + "/magefile.go"
)

// TestMenu keeps `mage -l`: its names are a contract with scripts and CI workflows.
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

// TestTargetsAreTheMenu compares what the command line is checked by with Mage's own list.
func TestTargetsAreTheMenu(t *testing.T) {
	_, targets, _ := strings.Cut(read(t, goldenMenu), "Targets:\n")
	known, err := menu.Read(read(t, magefile))
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for line := range strings.Lines(targets) {
		name := strings.Fields(line)[0]
		listed++
		target, found := known[name]
		if !found {
			t.Errorf("%s is in the menu, and Read does not find it", name)
		}
		help, err := exec.Command(mage, "-h", name).CombinedOutput()
		if err != nil {
			t.Errorf("mage -h %s: %v\n%s", name, err, help)
		}
		checkHelp(t, name, target, string(help))
	}
	if listed != len(known) {
		t.Errorf("the menu has %d targets, Read finds %d", listed, len(known))
	}
}

// checkHelp compares a target's help with what Read finds.
func checkHelp(t *testing.T, name string, target menu.Target, help string) {
	t.Helper()
	_, synopsis, _ := strings.Cut(help, "Usage:\n\n\t")
	words := strings.Count(strings.SplitN(synopsis, "\n", 2)[0], " <")
	if want := target.Words; words != len(want) {
		t.Errorf("%s takes %d words, Read finds %q: %q", name, words, want, synopsis)
	}
	var flags []string
	for _, found := range helpFlag.FindAllStringSubmatch(help, -1) {
		flags = append(flags, found[1])
		line := append([]string{name}, slices.Repeat([]string{"word"}, words)...)
		err := menu.Check(read(t, magefile), append(line, "-"+found[1]+"=neither"))
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
