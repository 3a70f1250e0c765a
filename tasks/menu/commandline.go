package menu

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
)

// usage is the exit code for a command line that makes no sense, as Mage's own.
const usage = 2

// Check refuses a command line that makes no sense to the targets of the magefile's source, before Mage reads it. args
// are the process's own, without its name.
func Check(magefile string, args []string) error {
	var err error
	if targets, err = Read(magefile); err != nil {
		return err
	}
	if err := checkFront(args); err != nil {
		return err
	}
	if asksForHelp(args) {
		return nil
	}
	return checkCommandLine(args)
}

// Alone is whether the process's command line has one target only.
func Alone() bool {
	calls, err := parse(os.Args[1:])
	return err == nil && len(calls) == 1
}

// front are the flags of a compiled menu.
var front = []string{"h", "help", "l", "t", "v"}

// checkFront refuses flags in front of the first target that are not Mage's own. A compiled menu would print its usage
// and exit with 0, and a CI job that misplaced -yes would be green with nothing done.
func checkFront(args []string) error {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		name, _, valued := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch {
		case name == "t" && !valued:
			i++
		case !slices.Contains(front, name):
			err := fmt.Errorf("%s stands in front of the target, and is none of Mage's own flags; nothing was done", args[i])
			return hint.Add(err, "a target's flags come after its name: %s", Typed("deploy -yes"))
		}
	}
	return nil
}

// asksForHelp is whether no target will run: Mage shows the menu or a target's flags.
func asksForHelp(args []string) bool {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			return false
		}
		if slices.Contains([]string{"h", "help", "l"}, strings.TrimLeft(arg, "-")) {
			return true
		}
	}
	return false
}

// checkCommandLine refuses a mistake before any target has done anything. Mage finds it out one target after the other:
// `ecr:cleanup dryRun` would delete all images before Mage said that there is no target dryRun.
func checkCommandLine(args []string) error {
	calls, err := parse(args)
	for _, c := range calls {
		err = errors.Join(err, c.check())
	}
	if err != nil {
		return mg.Fatal(usage,
			hint.Add(fmt.Errorf("%w; nothing was done", err), "mage -l shows the targets, mage -h TARGET one's flags"))
	}
	return checkLocalFirst(calls)
}

// call is a target of a command line, in lower case, as Mage compares names.
type call struct {
	name  string
	words []string
	flags []string
}

// parse splits a command line into calls. What comes before the first of them is for Mage.
func parse(args []string) ([]call, error) {
	var calls []call
	for i := 0; i < len(args); i++ {
		target, known := lookUp(args[i])
		switch {
		case known:
			end := min(i+1+len(target.Words), len(args))
			calls = append(calls, call{name: strings.ToLower(args[i]), words: args[i+1 : end]})
			i = end - 1
		case calls == nil && strings.HasPrefix(args[i], "-"):
			if args[i] == "-t" { // the time comes after it
				i++
			}
		case strings.HasPrefix(args[i], "-"):
			last := &calls[len(calls)-1]
			last.flags = append(last.flags, args[i])
		default:
			return calls, fmt.Errorf("unknown target %q (a flag has a dash in front)%s", args[i], meant(args[i]))
		}
	}
	return calls, nil
}

// meant guesses the target that was misspelt.
func meant(word string) string {
	if near := settings.Nearest(word, slices.Sorted(maps.Keys(targets))); near != "" {
		return "; is it " + near + "?"
	}
	return ""
}

// check compares a call with what its target takes. Mage takes the arguments after a name for the words that the target
// needs, whatever they are: it would take a flag for a tag's name.
func (c call) check() error {
	target, _ := lookUp(c.name)
	var faults []error
	for i, want := range target.Words {
		switch {
		case i >= len(c.words):
			return errors.Join(append(faults, fmt.Errorf("not enough arguments: %s wants %s after it",
				c.name, strings.ToUpper(strings.Join(target.Words, " "))))...)
		case c.words[i] == "" || strings.HasPrefix(c.words[i], "-"):
			faults = append(faults, fmt.Errorf("%s: %q stands where its %s belongs (flags come after it)",
				c.name, c.words[i], strings.ToUpper(want)))
		}
	}
	return errors.Join(append(faults, c.checkFlags(target.Flags))...)
}

// checkLocalFirst refuses a local after another target, which would have worked on the real AWS.
func checkLocalFirst(calls []call) error {
	isLocal := func(c call) bool { return c.name == "local" }
	if len(calls) == 0 || !slices.ContainsFunc(calls[1:], isLocal) {
		return nil
	}
	names := []string{"mage", "local"}
	for _, c := range slices.DeleteFunc(calls, isLocal) {
		names = append(names, c.name)
	}
	return mg.Fatal(usage, hint.Add(
		errors.New("local comes first, and once: what is in front of it would work on the real AWS; nothing was done"),
		"%s", strings.Join(names, " ")))
}
