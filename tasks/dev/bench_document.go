package dev

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/session"
)

const measured = "docs/measured.md"

type table struct {
	heading []string
	rows    [][]string
}

// writeTables replaces the tables of the document that have the same heading. Where a row is missing, because a program
// is not installed here, the document keeps its table.
func writeTables(p *session.Project, tables []table) error {
	path := p.Path(measured)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	document := string(text)
	for _, t := range tables {
		changed, missing := t.replace(document)
		if missing != nil {
			p.Say("%s keeps its table %s: not measured here: %s", measured, t.heading[0], strings.Join(missing, ", "))
			continue
		}
		document = changed
	}
	if document == string(text) {
		return nil
	}
	p.Say("%s has these figures now", measured)
	return os.WriteFile(path, []byte(document), 0o644)
}

// replace is the document with this table instead of its own, an indented block that begins with the heading's first
// word. If this table lacks rows of the document's, they are missing and nothing is replaced.
func (t table) replace(document string) (changed string, missing []string) {
	own := regexp.MustCompile(`(?m)^    ` + t.heading[0] + `  .*\n(?:    .*\n)*`).FindString(document)
	for line := range strings.Lines(own) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if name != t.heading[0] && !slices.ContainsFunc(t.rows, func(row []string) bool { return row[0] == name }) {
			missing = append(missing, name)
		}
	}
	if own == "" || missing != nil {
		return document, missing
	}
	var now strings.Builder
	for line := range strings.Lines(string(console.TableText(t.heading, t.rows))) {
		fmt.Fprintf(&now, "    %s\n", strings.TrimSpace(line))
	}
	return strings.Replace(document, own, now.String(), 1), nil
}
