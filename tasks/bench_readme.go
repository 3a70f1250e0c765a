package tasks

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
)

// table is one of those that bench prints and the README shows.
type table struct {
	heading []string
	rows    [][]string
}

// writeTables puts the tables into the README, in the place of those with the same heading. One that lacks a row of the README's,
// because something is not installed here, stays as it is there.
func (s *session) writeTables(tables []table) error {
	path := s.path("README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	readme := string(text)
	for _, t := range tables {
		changed, missing := t.replace(readme)
		if missing != nil {
			s.Say("the README's table %s stays: not measured here: %s", t.heading[0], strings.Join(missing, ", "))
			continue
		}
		readme = changed
	}
	if readme == string(text) {
		return nil
	}
	s.Say("README.md: the tables are these figures now")
	return os.WriteFile(path, []byte(readme), 0o644)
}

// replace is a document with this table in the place of its own, which is an indented block that begins with the heading's first
// word; or the rows of that one which are not here.
func (t table) replace(document string) (changed string, missing []string) {
	lines := strings.Split(document, "\n")
	begin := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "    "+t.heading[0]+"  ") })
	if begin < 0 {
		return document, nil
	}
	end := begin
	for end < len(lines) && strings.HasPrefix(lines[end], "    ") {
		end++
	}
	for _, line := range lines[begin+1 : end] {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if !slices.ContainsFunc(t.rows, func(row []string) bool { return row[0] == name }) {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return document, missing
	}
	var own []string
	for line := range strings.Lines(console.TableText(t.heading, t.rows)) {
		own = append(own, fmt.Sprintf("    %s", strings.TrimSpace(line)))
	}
	return strings.Join(slices.Concat(lines[:begin], own, lines[end:]), "\n"), nil
}
