package menu

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// deleting are the targets that take flags only as the help writes them. So does -allowDelete.
var deleting = []string{"destroy", "ecr:cleanup", "state:unlock"}

type given struct {
	typed, value  string
	valued, apart bool // apart: the value is a word of its own
}

// of is the flag that was typed: -fail-on, --failOn and -failon are -failOn.
func (g given) of(known []Flag) (Flag, bool) {
	name := strings.ReplaceAll(g.typed, "-", "")
	at := slices.IndexFunc(known, func(flag Flag) bool { return strings.EqualFold(flag.Name, name) })
	if at < 0 {
		return Flag{}, false
	}
	return known[at], true
}

// takes gives the call's last flag a word as its value, if the flag wants one and has none.
func (c *call) takes(word string) bool {
	if len(c.flags) == 0 {
		return false
	}
	last := &c.flags[len(c.flags)-1]
	target, _ := lookUp(c.name)
	flag, known := last.of(target.Flags)
	if !known || flag.Type == "bool" || last.valued {
		return false
	}
	last.value, last.valued, last.apart = word, true, true
	return true
}

func (c *call) flagWords() []string {
	var words []string
	for _, g := range c.flags {
		if g.valued {
			g.typed += "=" + g.value
		}
		words = append(words, g.typed)
	}
	return words
}

// checkFlags refuses an unknown flag, a value that the flag cannot have, a flag that is given twice (Mage silently
// takes the last), and an empty value: it comes from a script's unset variable, and -repo= would mean every repository.
// Only -profile= has a meaning: no profile. It spells the other flags as Mage does.
func (c *call) checkFlags(known []Flag) error {
	var faults []error
	seen := map[string]bool{}
	for i := range c.flags {
		g := &c.flags[i]
		flag, ok := g.of(known)
		if !ok {
			faults = append(faults, fmt.Errorf("%s has no flag %s: %s", c.name, g.typed, flagList(known)))
			continue
		}
		exact := g.typed == "-"+flag.Name && !g.apart
		g.typed = "-" + flag.Name
		if flag.Type == "time.Duration" {
			g.value = inHours(g.value)
		}
		if err := flag.check(g.value, g.valued); seen[flag.Name] {
			faults = append(faults, fmt.Errorf("%s has the flag -%s twice", c.name, flag.Name))
		} else if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", c.name, err))
		} else if !exact && (slices.Contains(deleting, c.name) || flag.Name == "allowDelete") {
			faults = append(faults, fmt.Errorf("%s can delete, and takes this flag only as -%s", c.name, flag.spelling()))
		}
		seen[flag.Name] = true
	}
	return errors.Join(faults...)
}

// inHours writes the days in front of a duration in hours, since Go knows no days: 30d is 720h.
func inHours(duration string) string {
	days, rest, _ := strings.Cut(duration, "d")
	n, err := strconv.ParseUint(days, 10, 16)
	hours := strconv.FormatUint(n*24, 10) + "h" + rest
	if _, invalid := time.ParseDuration(hours); err != nil || invalid != nil || days == duration {
		return duration
	}
	return hours
}

func (f Flag) spelling() string {
	if f.Type == "bool" {
		return f.Name
	}
	return f.Name + "=VALUE"
}

// check refuses a value that the flag cannot have, before any target runs. Mage would refuse it only after the targets
// in front had run. valued says whether there is a value.
func (f Flag) check(value string, valued bool) error {
	var err error
	want := ""
	switch {
	case f.Type == "bool":
		if valued {
			_, err = strconv.ParseBool(value)
		}
		want = "nothing, true or false"
	case !valued:
		return fmt.Errorf("-%s has no value: want -%s", f.Name, f.spelling())
	case value == "" && f.Name != "profile":
		return fmt.Errorf("-%s is empty: want a value, or no -%[1]s", f.Name)
	case f.Type == "time.Duration":
		var d time.Duration
		if d, err = time.ParseDuration(value); d < 0 {
			err = strconv.ErrRange
		}
		want = "a duration such as 90s, 15m, 12h or 30d"
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
