package menu

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkFlags refuses an unknown flag, a value that the flag cannot have, a flag that is given twice (Mage silently
// takes the last), and an empty value: it comes from a script's unset variable, and -repo= would mean every repository.
// Only -profile= has a meaning: no profile.
func (c call) checkFlags(known []Flag) error {
	var faults []error
	seen := map[string]bool{}
	for _, arg := range c.flags {
		name, value, given := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		at := slices.IndexFunc(known, func(flag Flag) bool { return strings.EqualFold(flag.Name, name) })
		if at < 0 {
			faults = append(faults, fmt.Errorf("%s has no flag %s: %s", c.name, arg, flagList(known)))
			continue
		}
		flag := known[at]
		if seen[flag.Name] {
			faults = append(faults, fmt.Errorf("%s has the flag -%s twice", c.name, flag.Name))
		} else if err := flag.check(value, given); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", c.name, err))
		}
		seen[flag.Name] = true
	}
	return errors.Join(faults...)
}

// check refuses a value that the flag cannot have, before any target runs. Mage would refuse it only after the targets
// in front had run. given says whether there is a value.
func (f Flag) check(value string, given bool) error {
	var err error
	want := ""
	switch {
	case f.Type == "bool":
		if given {
			_, err = strconv.ParseBool(value)
		}
		want = "nothing, true or false"
	case !given:
		return fmt.Errorf("-%s has no value: want -%[1]s=VALUE", f.Name)
	case value == "" && f.Name != "profile":
		return fmt.Errorf("-%s is empty: want a value, or no -%[1]s", f.Name)
	case f.Type == "time.Duration":
		_, err = time.ParseDuration(value)
		want = "a duration such as 90s, 15m or 720h"
	case f.Type == "int":
		_, err = strconv.Atoi(value)
		want = "a whole number"
	}
	if err != nil {
		return fmt.Errorf("-%s is %q: want %s", f.Name, value, want)
	}
	return nil
}

func flagList(known []Flag) string {
	if len(known) == 0 {
		return "it has none"
	}
	names := make([]string, len(known))
	for i, flag := range known {
		names[i] = "-" + flag.Name
	}
	return "it has " + strings.Join(names, ", ")
}
