package menu

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
)

// Check refuses a command line that makes no sense to the targets of the magefile's source, before Mage reads it, and
// returns it as Mage wants it: -dry-run becomes -dryRun, "-tag v1" becomes -tag=v1, "deploy -h" becomes "-h deploy".
// args are the process's own, without its name.
func Check(magefile string, args []string) ([]string, error) {
	var err error
	if targets, err = Read(magefile); err != nil {
		return nil, err
	}
	if asked, target := asksForHelp(args); asked {
		return help(args, target)
	}
	if err := checkFront(args); err != nil {
		return nil, err
	}
	return checkCommandLine(args)
}

// What the process was called with, and how many of it have ended. Mage runs one after the other.
var (
	called []call
	ended  int
)

// Alone is whether no target follows those that only say where the others work.
func Alone() bool { return len(called) == fronts(called) }

// Ended says that the target that ran has ended.
func Ended() { ended++ }

// Last is whether no target follows the one that runs.
func Last() bool { return ended >= len(called)-1 }

// Before is how many targets have ended, without those that say where the others work.
func Before() int { return max(0, ended-fronts(called)) }

// fronts is how many calls at the beginning say where the others work: local, then env.
func fronts(calls []call) (n int) {
	for _, name := range []string{"local", "env"} {
		if n < len(calls) && calls[n].name == name {
			n++
		}
	}
	return n
}

// Aside is whether the answer of the target that runs is not the one to read: where a target answers to a program, in
// JSON or in YAML, the last one has stdout for itself.
func Aside() bool {
	toProgram := func(c call) bool {
		return strings.EqualFold(c.name, "ecr:pullSecret") || slices.ContainsFunc(c.flagWords(), func(word string) bool {
			return word == "-json" || strings.HasPrefix(word, "-format=")
		})
	}
	return !Last() && slices.ContainsFunc(called, toProgram)
}

// own are the flags of a compiled menu that leave it a target to run.
var own = []string{"t", "v"}

// checkFront refuses flags in front of the first target that are not Mage's own. A compiled menu would print its usage
// and exit with 0, and a CI job that misplaced -yes would be green with nothing done.
func checkFront(args []string) error {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		name, _, valued := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch {
		case name == "t" && !valued:
			i++
		case !slices.Contains(own, name):
			err := fmt.Errorf("%s stands in front of the target, and is none of Mage's own flags; nothing was done", args[i])
			return hint.Add(err, "a target's flags come after its name: %s", Typed("deploy -yes"))
		}
	}
	return nil
}

// asksForHelp is whether no target will run: Mage shows the menu or a target's flags. target is the one in question.
func asksForHelp(args []string) (asked bool, target string) {
	for i, arg := range args {
		_, known := lookUp(arg)
		switch name := strings.TrimLeft(arg, "-"); {
		case known:
			target = arg
		case name == "help" && (i == 0 || name != arg), name == "h" && name != arg:
			if target == "" && i+1 < len(args) {
				target = args[i+1]
			}
			return true, target
		case name == "l" && target == "" && name != arg:
			return true, ""
		}
	}
	return false, ""
}

// help is the command line that shows a target's flags; without a target, it shows the menu.
func help(args []string, target string) ([]string, error) {
	if target == "" {
		return []string{"-l"}, nil
	}
	if _, known := lookUp(target); !known {
		return nil, nothingDone(unknown(args, slices.Index(args, target)))
	}
	return []string{"-h", target}, nil
}

// checkCommandLine refuses a mistake before any target has done anything. Mage finds it out one target after the other:
// `ecr:cleanup dryRun` would delete all images before Mage said that there is no target dryRun.
func checkCommandLine(args []string) ([]string, error) {
	front, calls, err := parse(args)
	for i := range calls {
		err = errors.Join(err, calls[i].check())
	}
	called, ended = calls, 0
	if err != nil {
		return nil, nothingDone(err)
	}
	for _, c := range calls {
		front = append(append(append(front, c.name), c.words...), c.flagWords()...)
	}
	return front, checkFirst(calls)
}

func nothingDone(err error) error {
	what, how := hint.Parts(err)
	return hint.Add(fmt.Errorf("%s; nothing was done", what), "%s",
		cmp.Or(how, "mage -l shows the targets, mage -h TARGET one's flags"))
}

// call is a target of a command line, in lower case, as Mage compares names.
type call struct {
	name  string
	words []string
	flags []given
}

// parse splits a command line into calls. What comes before the first of them is for Mage.
func parse(args []string) (front []string, calls []call, err error) {
	for i := 0; i < len(args); i++ {
		target, known := lookUp(args[i])
		switch {
		case known:
			end := min(i+1+len(target.Words), len(args))
			calls = append(calls, call{name: strings.ToLower(args[i]), words: args[i+1 : end]})
			i = end - 1
		case calls == nil && strings.HasPrefix(args[i], "-"):
			front = append(front, args[i])
			if args[i] == "-t" && i+1 < len(args) { // the time comes after it
				i++
				front = append(front, args[i])
			}
		case strings.HasPrefix(args[i], "-"):
			last := &calls[len(calls)-1]
			typed, value, valued := strings.Cut(args[i], "=")
			last.flags = append(last.flags, given{typed: typed, value: value, valued: valued})
		case calls != nil && calls[len(calls)-1].takes(args[i]):
		default:
			return front, calls, unknown(args, i)
		}
	}
	return front, calls, nil
}

// unknown is the error of a word that is no target. Its hint is the command line with the target that was meant.
func unknown(args []string, at int) error {
	word := args[at]
	err := fmt.Errorf("unknown target %q (a flag has a dash in front)", word)
	names, rest := meant(word), args[at+1:]
	if len(rest) > 0 {
		if _, known := lookUp(word + ":" + rest[0]); known {
			names, rest = []string{word + ":" + rest[0]}, rest[1:]
		}
	}
	switch len(names) {
	case 0:
		return err
	case 1:
		words := slices.Concat(args[:at], names, rest)
		return hint.Add(err, "type: %s", Typed(Quote(words[0]), words[1:]...))
	}
	return fmt.Errorf("%w; is it %s?", err, strings.Join(names, ", "))
}

// meant are the targets that a word may stand for: a part of their names, or else the name that it misspells.
func meant(word string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if slices.ContainsFunc(strings.Split(name, ":"), func(part string) bool { return strings.EqualFold(part, word) }) {
			names = append(names, name)
		}
	}
	if near := settings.Nearest(word, slices.Sorted(maps.Keys(targets))); names == nil && near != "" {
		return []string{near}
	}
	return names
}

// check compares a call with what its target takes. Mage takes the arguments after a name for the words that the target
// needs, whatever they are: it would take a flag for a tag's name.
func (c *call) check() error {
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

// checkFirst refuses a local or an env after another target, which would have worked elsewhere.
func checkFirst(calls []call) error {
	isFront := func(c call) bool { return c.name == "local" || c.name == "env" }
	rest := calls[fronts(calls):]
	late := slices.IndexFunc(rest, isFront)
	if late < 0 {
		return nil
	}
	var first, after []string
	for _, name := range []string{"local", "env"} {
		if i := slices.IndexFunc(calls, func(c call) bool { return c.name == name }); i >= 0 {
			first = append(append(first, name), calls[i].words...)
		}
	}
	for _, c := range slices.DeleteFunc(slices.Clone(calls), isFront) {
		after = append(append(after, c.name), c.words...)
	}
	where := map[string]string{"local": "the real AWS", "env": "another environment"}[rest[late].name]
	return hint.Add(fmt.Errorf("%s comes first, and once: what is in front of it would work on %s; nothing was done",
		rest[late].name, where), "%s", Typed(first[0], append(first[1:], after...)...))
}
