package console

import (
	"bytes"
	"testing"
)

var (
	fruits = []Column{
		{Heading: "NAME", Yields: 1, Least: 4, Keep: true},
		{Heading: "SIZE", Right: true},
		{Heading: "COLOUR", Yields: 3, Least: 5},
		{Heading: "NOTE", Yields: 2, Least: 4},
		{Heading: "EMPTY"},
	}
	fruitRows = [][]Cell{
		{{Text: "pomegranate"}, {Text: "12"}, {Text: "red", Paint: Red}, {Text: "many seeds"}, {}},
		{{Text: "fig"}, {Text: "3"}, {Text: "violet"}, {}, {}},
	}
)

func TestColumnsAreAsWideAsTheyWantWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	c := &Console{out: &out, err: &bytes.Buffer{}}
	c.Columns(fruits, fruitRows)
	c.Line(Cell{Text: "two", Paint: Bold}, Cell{Text: "fruits"})
	want := "NAME         SIZE  COLOUR  NOTE\npomegranate    12  red     many seeds\n" +
		"fig             3  violet\ntwo  fruits\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestColumnsGiveWay(t *testing.T) {
	for limit, want := range map[int][]string{
		37: {"NAME         SIZE  COLOUR  NOTE", "pomegranate    12  red     many seeds", "fig             3  violet"},
		34: {"NAME      SIZE  COLOUR  NOTE", "pomegra…    12  red     many seeds", "fig          3  violet"},
		26: {"NAME  SIZE  COLOUR  NOTE", "pom…    12  red     many …", "fig      3  violet"},
		22: {"NAME      SIZE  COLOUR", "pomegra…    12  red", "fig          3  violet"},
		12: {"NAME    SIZE", "pomeg…    12", "fig        3"},
		8:  {"NAME  S…", "pom…    ", "fig      "},
	} {
		g := grid{
			columns: fruits, limit: limit,
			rows: [][]Cell{
				{{Text: "NAME"}, {Text: "SIZE"}, {Text: "COLOUR"}, {Text: "NOTE"}, {Text: "EMPTY"}},
				fruitRows[0],
				fruitRows[1],
			},
		}
		g.fit()
		for i, row := range g.rows {
			got := g.line(row, false)
			if got != want[i] && limit > 8 || len([]rune(got)) > limit {
				t.Errorf("in %d columns: %q, want %q", limit, got, want[i])
			}
		}
	}
}
