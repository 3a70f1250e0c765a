package console

import (
	"os"
	"strings"
	"testing"
)

func TestColumnsFitTheTerminal(t *testing.T) {
	for _, width := range []int{20, 40, 80, 200} {
		tm := openTerminal(t, width, 24)
		New(os.Stdin, tm.slave, tm.slave, false).Columns(fruits, fruitRows)
		text := tm.until(t, "the last row", has("fig"))
		if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 3 {
			t.Errorf("%d columns wide, 3 rows are %d lines:\n%s", width, len(lines), text)
		}
		tm.sane(t)
	}
}

// Colour is for a terminal, and not for who sets NO_COLOR.
func TestColoursOfAnswers(t *testing.T) {
	tm := openTerminal(t, 80, 24)
	piped, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer piped.Close()
	for name, c := range map[string]struct {
		out     *os.File
		noColor bool
		want    string
	}{
		"a terminal": {tm.slave, false, "\x1b[31mred\x1b[0m"},
		"NO_COLOR":   {tm.slave, true, "red"},
		"a file":     {piped, false, "red"},
	} {
		if got := Red.on("red", New(os.Stdin, c.out, tm.slave, c.noColor).colorAnswers); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What does not fit on a line goes on in the next one.
func TestLineFitsTheTerminal(t *testing.T) {
	tm := openTerminal(t, 20, 24)
	New(os.Stdin, tm.slave, tm.slave, true).Line(Cell{Text: "repository"}, Cell{Text: "MUTABLE"}, Cell{Text: "scan"},
		Cell{Text: "on push"})
	text := tm.until(t, "the last cell", has("on push"))
	if got := strings.ReplaceAll(text, "\r", ""); strings.TrimSpace(got) != "repository  MUTABLE\n  scan  on push" {
		t.Errorf("the terminal got %q", got)
	}
}
