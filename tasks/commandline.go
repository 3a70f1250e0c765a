package tasks

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

// Target is what may stand behind a target's name on the command line.
type Target struct {
	Words []string // that it needs, in their order
	Flags []string // that it knows, without the dash
}

var (
	account  = []string{"region", "profile"}
	building = []string{"platform", "engine", "json"}
	shipping = []string{"tag", "platform", "engine", "sbom", "json"}
	pushing  = slices.Concat(shipping, []string{"dryRun"})
)

// Targets are the names of the menu.
var Targets = map[string]Target{
	"build:all":    {Flags: building},
	"build:app":    {Flags: building},
	"build:client": {Flags: building},
	"build:image":  {Words: []string{"name"}, Flags: building},

	"push:all":    {Flags: pushing},
	"push:app":    {Flags: pushing},
	"push:client": {Flags: pushing},
	"push:image":  {Words: []string{"name"}, Flags: pushing},

	"tag:app":    {Words: []string{"from", "to"}, Flags: []string{"json"}},
	"tag:client": {Words: []string{"from", "to"}, Flags: []string{"json"}},
	"tag:image":  {Words: []string{"name", "from", "to"}, Flags: []string{"json"}},

	"deploy":  {Flags: []string{"yes", "allowDelete", "lockTimeout"}},
	"destroy": {Flags: []string{"yes", "lockTimeout"}},
	"drift":   {},
	"output":  {Flags: []string{"json"}},
	"plan":    {Flags: []string{"json"}},
	"ship":    {Flags: slices.Concat([]string{"yes", "allowDelete", "lockTimeout"}, shipping)},

	"ecr:cleanup":   {Flags: slices.Concat([]string{"yes", "dryRun", "repo", "untagged", "olderThan", "keep"}, account)},
	"ecr:login":     {Flags: account},
	"ecr:retention": {Flags: slices.Concat([]string{"inUse", "wait", "repo", "json"}, account)},
	"ecr:scan":      {Flags: slices.Concat([]string{"failOn", "strict", "image", "wait", "repo", "json"}, account)},
	"ecr:status":    {Flags: slices.Concat([]string{"images", "repo", "json"}, account)},

	"providers:lock": {},

	"state:bootstrap": {},
	"state:lock":      {Flags: []string{"json"}},
	"state:unlock":    {Words: []string{"id"}, Flags: []string{"yes"}},

	"bench":  {},
	"check":  {Flags: []string{"only"}},
	"doctor": {Flags: slices.Concat(account, []string{"json"})},
	"local":  {},
	"serve":  {Flags: []string{"dialect", "faults", "findings"}},
	"test":   {},
}

// usage is the exit code for a command line that makes no sense, as Mage's own.
const usage = 2

// called is a target of a command line, in lower case, as Mage compares names.
type called struct {
	name  string
	words []string
	flags []string
}

// CheckArguments refuses a command line that makes no sense, the process's own arguments without its name, before Mage reads it.
func CheckArguments(args []string) error {
	if err := checkFront(args); err != nil {
		return err
	}
	if asksForHelp(args) {
		return nil
	}
	return checkCommandLine(args)
}

// checkCommandLine refuses what makes no sense before any target has done anything: Mage finds it out one target after the
// other, so that `ecr:cleanup dryRun` would have deleted all images before it said that there is no target dryRun.
func checkCommandLine(args []string) error {
	calls, err := parse(args)
	for _, call := range calls {
		err = errors.Join(err, call.check())
	}
	if err != nil {
		return mg.Fatal(usage, hint.Add(fmt.Errorf("%w; nothing was done", err), "mage -l shows the targets, mage -h TARGET one's flags"))
	}
	return lateLocal(calls)
}

// lateLocal refuses a local behind another target, which would have worked on the real AWS.
func lateLocal(calls []called) error {
	isLocal := func(call called) bool { return call.name == "local" }
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

// checkFront refuses flags in front of the first target that are none of Mage's own. A compiled menu would print its usage and exit
// with 0, and a CI job that misplaced -yes would be green with nothing done.
func checkFront(args []string) error {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		name, _, valued := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch {
		case name == "t" && !valued:
			i++
		case !slices.Contains(front, name):
			return hint.Add(fmt.Errorf("%s stands in front of the target, and is none of Mage's own flags; nothing was done", args[i]),
				"a target's flags come after its name: %s", typed("deploy -yes"))
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
func parse(args []string) ([]called, error) {
	var calls []called
	for i := 0; i < len(args); i++ {
		target, known := lookUp(args[i])
		switch {
		case known:
			end := min(i+1+len(target.Words), len(args))
			calls = append(calls, called{name: strings.ToLower(args[i]), words: args[i+1 : end]})
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

// check compares one target of the command line with what the target knows. Mage takes what follows a name for the words it
// needs, whatever they are: a flag in their place would be a tag's name.
func (c called) check() error {
	target, _ := lookUp(c.name)
	var faults []error
	for i, want := range target.Words {
		switch {
		case i >= len(c.words):
			faults = append(faults, fmt.Errorf("not enough arguments: %s wants %s after it", c.name, strings.ToUpper(strings.Join(target.Words, " "))))
			return errors.Join(faults...)
		case c.words[i] == "" || strings.HasPrefix(c.words[i], "-"):
			faults = append(faults, fmt.Errorf("%s: %q stands where its %s belongs (flags come after it)", c.name, c.words[i], strings.ToUpper(want)))
		}
	}
	return errors.Join(append(faults, c.checkFlags(target.Flags))...)
}

// checkFlags also finds a flag that is there twice, of which Mage silently takes the last, and one with an empty value, which is a
// script's variable that is not set: -repo= would be every repository. Of the profile, empty is a choice: no profile.
func (c called) checkFlags(known []string) error {
	var faults []error
	seen := map[string]bool{}
	for _, arg := range c.flags {
		name, value, given := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		at := slices.IndexFunc(known, func(flag string) bool { return strings.EqualFold(flag, name) })
		if at >= 0 {
			name = known[at] // as the help writes it
		}
		switch {
		case at < 0:
			faults = append(faults, fmt.Errorf("%s has no flag %s: %s", c.name, arg, flagList(known)))
		case seen[name]:
			faults = append(faults, fmt.Errorf("%s has the flag -%s twice", c.name, name))
		default:
			if err := checkValue(name, value, given); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", c.name, err))
			}
		}
		seen[name] = true
	}
	return errors.Join(faults...)
}

// meant names the target that was misspelt, as far as that can be guessed.
func meant(word string) string {
	if near := settings.Nearest(word, slices.Sorted(maps.Keys(Targets))); near != "" {
		return "; is it " + near + "?"
	}
	return ""
}

func flagList(known []string) string {
	if len(known) == 0 {
		return "it has none"
	}
	return "it has -" + strings.Join(known, ", -")
}

func lookUp(word string) (Target, bool) {
	for name, target := range Targets {
		if strings.EqualFold(name, word) {
			return target, true
		}
	}
	return Target{}, false
}

// following is how many targets come after the first one.
func following() int {
	calls, err := parse(os.Args[1:])
	if err != nil || len(calls) == 0 {
		return 0
	}
	return len(calls) - 1
}
