package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// GitHub is how a step of a GitHub workflow reports beside its log: in files. Where a name is empty nothing is written.
type GitHub struct {
	Summary string    // $GITHUB_STEP_SUMMARY: Markdown on the run's page
	Output  string    // $GITHUB_OUTPUT: values for later steps
	Log     io.Writer // where a mask is announced; nil outside of GitHub
}

// summaryLimit is that of a pull request's comment, into which workflows copy the summary. GitHub itself takes 1 MiB.
const summaryLimit = 65536

// Summarise adds Markdown to the step's summary, cut if that would be too long.
func (g GitHub) Summarise(markdown string) error {
	if g.Summary == "" {
		return nil
	}
	room := summaryLimit
	if there, err := os.Stat(g.Summary); err == nil {
		room -= int(there.Size())
	}
	return appendTo(g.Summary, cut(markdown, room))
}

// Markdown is a table below a title.
func Markdown(title string, heading []string, rows [][]string) string {
	escape := strings.NewReplacer("|", "\\|", "\n", " ")
	text := fmt.Sprintf("### %s\n\n| %s |\n%s|\n", title, strings.Join(heading, " | "), strings.Repeat("|---", len(heading)))
	for _, row := range rows {
		for _, cell := range row {
			text += "| " + escape.Replace(cell) + " "
		}
		text += "|\n"
	}
	return text + "\n"
}

// Set gives later steps a value of any lines: no value has the delimiter.
func (g GitHub) Set(name, value string) error {
	if g.Output == "" {
		return nil
	}
	end := "end_" + rand.Text()
	return appendTo(g.Output, fmt.Sprintf("%s<<%s\n%s\n%s\n", name, end, value, end))
}

// Mask keeps a secret out of the log of this step and of the following ones.
func (g GitHub) Mask(secret string) {
	if g.Log == nil {
		return
	}
	for line := range strings.Lines(secret) { // GitHub masks by the line
		if line = strings.TrimSpace(line); line != "" {
			fmt.Fprintf(g.Log, "::add-mask::%s\n", escapeCommand.Replace(line))
		}
	}
}

var escapeCommand = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

// cut shortens Markdown to limit bytes at the end of a line, and says so. It closes a block of code that it cuts.
func cut(markdown string, limit int) string {
	if len(markdown) <= limit {
		return markdown
	}
	const note = "\n*The rest is cut: it is too long for GitHub. The log has all of it.*\n"
	const fence = "```\n"
	if limit < len(note)+len(fence) {
		return ""
	}
	kept := markdown[:limit-len(note)-len(fence)]
	kept = kept[:strings.LastIndexByte(kept, '\n')+1]
	if strings.Count("\n"+kept, "\n```")%2 == 1 {
		kept += fence
	}
	return kept + note
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing for GitHub: %w", err)
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing for GitHub: %w", err)
	}
	return nil
}
