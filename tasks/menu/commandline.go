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

// call is a target of a command line, in lower case, as Mage compares names.
type call struct {
	name  string
	words []string
	flags []string
}

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

// checkCommandLine refuses what makes no sense before any target has done anything: Mage finds it out one target after
// the other, so that `ecr:cleanup dryRun` would have deleted all images before it said that there is no target dryRun.
func checkCommandLine(args []string) error {
	calls, err := parse(args)
	for _, call := range calls {
		err = errors.Join(err, call.check())
	}
	if err != nil {
		return mg.Fatal(usage,
			hint.Add(fmt.Errorf("%w; nothing was done", err), "mage -l shows the targets, mage -h TARGET one's flags"))
	}
	return lateLocal(calls)
}

// lateLocal refuses a local behind another target, which would have worked on the real AWS.
func lateLocal(calls []call) error {
	isLocal := func(call call) bool { return call.name == "local" }
	if len(calls) == 0 || !slices.ContainsFunc(calls[1:], isLocal) {
		return nil
	}
	names := []string{"mage", "local"}
	for _, call := range slices.DeleteFunc(calls, isLocal) {
		names = append(names, call.name)
	}
	return mg.Fatal(usage, hint.Add(
		errors.New("local comes first, and once: what is in front of it would work on the real AWS; nothing was done"),
		"%s", strings.Join(names, " ")))
}

// checkFront refuses flags in front of the first target that are none of Mage's own. A compiled menu would print its
// usage and exit with 0, and a CI job that misplaced -yes would be green with nothing done.
func checkFront(args []string) error {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		name, _, valued := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch {
		case name == "t" && !valued:
			i++
		case !slices.Contains(front, name):
			return hint.Add(fmt.Errorf("%s stands in front of the target, and is none of Mage's own flags; nothing was done",
				args[i]),
				"a target's flags come after its name: %s", Typed("deploy -yes"))
		}
	}
	return nil
}

// front are the flags of a compiled menu.
var front = []string{"h", "help", "l", "t", "v"}

// asksForHelp is whether no target will run: Mage shows the menu or a target's flags.
func asksForHelp(args []string) bool {
	end := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if end < 0 {
		end = len(args)
	}
	return slices.ContainsFunc(args[:end], func(arg string) bool {
		return slices.Contains([]string{"h", "help", "l"}, strings.TrimLeft(arg, "-"))
	})
}

// parse splits a command line into targets. What is in front of the first of them is Mage's own.
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

// check compares one target of the command line with what the target knows. Mage takes what follows a name for the
// words it needs, whatever they are: a flag in their place would be a tag's name.
func (c call) check() error {
	target, _ := lookUp(c.name)
	var faults []error
	for i, want := range target.Words {
		switch {
		case i >= len(c.words):
			faults = append(faults,
				fmt.Errorf("not enough arguments: %s wants %s after it", c.name, strings.ToUpper(strings.Join(target.Words, " "))))
			return errors.Join(faults...)
		case c.words[i] == "" || strings.HasPrefix(c.words[i], "-"):
			faults = append(faults,
				fmt.Errorf("%s: %q stands where its %s belongs (flags come after it)", c.name, c.words[i], strings.ToUpper(want)))
		}
	}
	return errors.Join(append(faults, c.checkFlags(target.Flags))...)
}

// meant names the target that was misspelt, as far as that can be guessed.
func meant(word string) string {
	if near := settings.Nearest(word, slices.Sorted(maps.Keys(targets))); near != "" {
		return "; is it " + near + "?"
	}
	return ""
}

// Following is how many targets come after the first one.
func Following() int {
	calls, err := parse(os.Args[1:])
	if err != nil || len(calls) == 0 {
		return 0
	}
	return len(calls) - 1
}
