package stack

import (
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

// reportPlan gives GitHub the plan as a summary, and the output "changes": whether there is anything to do. An output
// that cannot be written is an error, as later steps rely on it.
func reportPlan(s *session.Session, target string, plan terraform.Plan, lost map[string]loss) error {
	s.Project.Summarise(markdown(target, plan, lost))
	return s.Project.GitHub().Set("changes", fmt.Sprint(plan.Changes))
}

// markdown is a plan for GitHub: a table of the resources, and below it what changes of them.
func markdown(target string, plan terraform.Plan, lost map[string]loss) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### mage %s\n\n", target)
	if len(plan.Drift) > 0 {
		b.WriteString("Changed outside of Terraform since its last apply:\n\n")
		markdownTable(&b, plan.Drift, nil)
	}
	switch {
	case !plan.Changes:
		b.WriteString(noChanges(plan) + "\n")
	case len(plan.Actions) > 0:
		fmt.Fprintf(&b, "**%s**\n\n", counts(plan))
		markdownTable(&b, plan.Actions, lost)
	}
	if len(plan.Outputs) > 0 {
		fmt.Fprintf(&b, "Outputs that change: %s\n", firstOf(plan.Outputs))
	}
	for _, warning := range plan.Warnings {
		fmt.Fprintf(&b, "\n> **Warning:** %s\n", strings.ReplaceAll(warning, "\n", "\n> "))
	}
	return b.String() + "\n"
}

func markdownTable(b *strings.Builder, list []terraform.Change, lost map[string]loss) {
	var details strings.Builder
	b.WriteString("| | resource | |\n|---|---|---|\n")
	for _, change := range list {
		remark := strings.TrimSpace(remarkOn(change))
		if images, deleted := lost[change.Address]; deleted {
			remark = strings.TrimSpace(fmt.Sprintf("%s loses %s", remark, images))
		}
		fmt.Fprintf(b, "| %s %s | `%s` | %s |\n", signs[change.Action].sign, change.Action, cell(change.Address),
			cell(remark))
		if len(change.Attributes) > 0 {
			fmt.Fprintln(&details, change.Address)
		}
		for _, attribute := range change.Attributes {
			fmt.Fprintln(&details, " ", difference(attribute))
		}
	}
	b.WriteString("\n")
	if details.Len() > 0 {
		fmt.Fprintf(b, "<details><summary>what changes of them</summary>\n\n```text\n%s```\n\n</details>\n\n",
			fenced(details.String()))
	}
}

func cell(text string) string { return strings.NewReplacer("|", "\\|", "\n", " ").Replace(text) }

// fenced is text that does not end the block of code around it.
func fenced(text string) string { return strings.ReplaceAll(text, "```", "'''") }
