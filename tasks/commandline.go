package tasks

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/console"
)

// Targets are the names of the menu, with the number of words that each takes after it.
var Targets = map[string]int{
	"build:all": 0, "build:app": 0, "build:client": 0, "build:image": 1,
	"deploy": 0, "destroy": 0, "plan": 0, "output": 0,
	"ecr:cleanup": 0, "ecr:login": 0, "ecr:status": 0,
	"push:all": 0, "push:app": 0, "push:client": 0, "push:image": 1,
	"state:bootstrap": 0, "state:lock": 0, "state:unlock": 1,
	"local": 0, "serve": 0, "test": 0,
}

// usage is the exit code for a command line that makes no sense, as Mage's own.
const usage = 2

// checkCommandLine refuses words that are no targets before any target has done anything: Mage finds them out one after the
// other, so that `ecr:cleanup dryRun` would have deleted all images before it said that there is no target dryRun.
func checkCommandLine(args []string) error {
	names, err := targets(args)
	if err != nil {
		return mg.Fatal(usage, err)
	}
	if len(names) > 0 && slices.Contains(names[1:], "local") {
		err := console.Hint(errors.New("local comes first, and once: what is in front of it would work on the real AWS; nothing was done"),
			"mage %s", strings.Join(append([]string{"local"}, slices.DeleteFunc(names, func(name string) bool { return name == "local" })...), " "))
		return mg.Fatal(usage, err)
	}
	return nil
}

// targets are the targets of a command line, in lower case, as Mage compares them. What is in front of the first of them is Mage's own.
func targets(args []string) ([]string, error) {
	var names []string
	for i := 0; i < len(args); i++ {
		word := strings.ToLower(args[i])
		words, known := targetWords(word)
		switch {
		case known:
			names = append(names, word)
			i += words
			if i >= len(args) {
				return nil, fmt.Errorf("%s wants a name after it; nothing was done", word)
			}
		case strings.HasPrefix(word, "-") || names == nil:
		default:
			return nil, console.Hint(fmt.Errorf("unknown target %q; nothing was done", args[i]), "mage -l shows the targets; a flag is -%s", args[i])
		}
	}
	return names, nil
}

func targetWords(word string) (int, bool) {
	for name, words := range Targets {
		if strings.ToLower(name) == word {
			return words, true
		}
	}
	return 0, false
}

// following is how many targets come after the first one.
func following() int {
	names, err := targets(os.Args[1:])
	if err != nil || len(names) == 0 {
		return 0
	}
	return len(names) - 1
}
