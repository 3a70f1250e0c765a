package tasks

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The flags that are no text; all others are. Mage would say of a wrong value that it cannot be converted, and only when it comes
// to the target: by then the targets in front of it have run.
var (
	durations = []string{"lockTimeout", "olderThan", "wait"}
	numbers   = []string{"images", "keep"}
	switches  = []string{"allowDelete", "dryRun", "json", "sbom", "strict", "untagged", "yes"}
)

// checkValue refuses a value that a flag, by its name in the help, cannot have. given is whether there is one.
func checkValue(name, value string, given bool) error {
	var err error
	want := ""
	switch {
	case slices.Contains(switches, name):
		if given {
			_, err = strconv.ParseBool(value)
		}
		want = "nothing, true or false"
	case !given:
		return fmt.Errorf("-%s has no value: want -%[1]s=VALUE", name)
	case value == "" && name != "profile":
		return fmt.Errorf("-%s is empty: want a value, or no -%[1]s", name)
	case slices.Contains(durations, name):
		_, err = time.ParseDuration(value)
		want = "a duration such as 90s, 15m or 720h"
	case slices.Contains(numbers, name):
		_, err = strconv.Atoi(value)
		want = "a whole number"
	}
	if err != nil {
		return fmt.Errorf("-%s is %q: want %s", name, value, want)
	}
	return nil
}
