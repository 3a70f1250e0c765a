package stack

import (
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// signs are how a change is marked, as Terraform marks them; ± for a replacement, which is -/+ there.
var signs = map[string]struct {
	sign  string
	paint console.Paint
}{
	"create": {"+", console.Green}, "update": {"~", console.Yellow}, "delete": {"-", console.Red},
	"replace": {"±", console.Red}, "read": {"<", console.Plain}, "move": {">", console.Plain},
	"import": {"&", console.Green}, "forget": {"x", console.Yellow},
}

// nothingToDo is what people and scripts look for, in Terraform's words.
const nothingToDo = "No changes. AWS is as the code says."

func noChanges(plan terraform.Plan) string {
	if plan.Destroys {
		return "Nothing to destroy: the state holds no resource."
	}
	return nothingToDo
}

// summary is a plan for people: a line a resource, and below it what changes. lost are the images that are deleted with
// a repository.
func summary(plan terraform.Plan, lost map[string]loss) []console.Cell {
	var lines []console.Cell
	add := func(paint console.Paint, format string, args ...any) {
		lines = append(lines, console.Cell{Paint: paint, Text: fmt.Sprintf(format, args...)})
	}
	if len(plan.Drift) > 0 {
		add(console.Bold, "changed outside of Terraform since its last apply:")
		lines = append(lines, changes(plan.Drift, nil)...)
	}
	if !plan.Changes {
		add(console.Green, "%s", noChanges(plan))
		return lines
	}
	if len(plan.Actions) > 0 {
		add(console.Bold, "to do:")
		lines = append(lines, changes(plan.Actions, lost)...)
	}
	switch outputs := len(plan.Outputs); {
	case outputs > 0 && len(plan.Actions) > 0: // a consequence; mage -v names them
		add(console.Plain, "  and %s", console.Count(outputs, "output", "outputs"))
	case outputs > 0:
		add(console.Plain, "outputs that change: %s", firstOf(plan.Outputs))
	}
	add(console.Bold, "%s", counts(plan))
	return lines
}

func changes(list []terraform.Change, lost map[string]loss) []console.Cell {
	var lines []console.Cell
	for _, change := range list {
		mark := signs[change.Action]
		if mark.sign == "" {
			mark.sign = "?" // of a Terraform that is newer than this
		}
		text := fmt.Sprintf("  %s %s%s", mark.sign, change.Address, remarkOn(change))
		if images, deleted := lost[change.Address]; deleted {
			text += fmt.Sprintf(": loses %s", images)
		}
		lines = append(lines, console.Cell{Paint: mark.paint, Text: text})
		for _, attribute := range change.Attributes {
			lines = append(lines, console.Cell{Text: "      " + difference(attribute)})
		}
	}
	return lines
}

// remarkOn says of a change what its sign does not.
func remarkOn(change terraform.Change) string {
	switch {
	case change.Action == "import":
		return fmt.Sprintf(" (imported from %q)", change.From)
	case change.From != "":
		return fmt.Sprintf(" (moved from %s)", change.From)
	case change.Action == "forget":
		return " (leaves the state, is kept in AWS)"
	}
	return ""
}

func difference(a terraform.Attribute) string {
	text := fmt.Sprintf("%s: %s -> %s", a.Path, short(a.Old), short(a.New))
	if a.Replaces {
		text += " (forces the replacement)"
	}
	if a.Path == "image_tag_mutability" && a.New == `"IMMUTABLE"` {
		text += " (no push moves latest any more)"
	}
	return text
}

// short is enough of a value to recognise it by; mage -v shows all of it.
func short(value string) string {
	const most = 120
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return value
}

// counts is the last line, in Terraform's words for what both count.
func counts(plan terraform.Plan) string {
	add, change, destroy := plan.Counts()
	text := fmt.Sprintf("Plan: %d to add, %d to change, %d to destroy", add, change, destroy)
	others := map[string]int{}
	for _, c := range plan.Actions {
		if c.Action != "move" && c.From != "" && c.Action != "import" {
			others["move"]++
		}
		others[c.Action]++
	}
	for _, action := range []string{"import", "move", "forget"} {
		if others[action] > 0 {
			text += fmt.Sprintf(", %d to %s", others[action], action)
		}
	}
	return text + "."
}

func firstOf(list []terraform.Change) string {
	const most = 5
	var all []string
	for _, change := range list[:min(most, len(list))] {
		all = append(all, change.Address)
	}
	text := strings.Join(all, ", ")
	if more := len(list) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
