package e2e_test

import (
	"cmp"
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPictures compares the pictures of docs, each of a run of the README's command on a terminal, with what the command
// shows now, without the parts that differ from run to run. The second run has to fit a screen, with a row for the next
// prompt. `go test ./tasks/e2e -run TestPictures -update` draws them.
func TestPictures(t *testing.T) {
	takesLong(t)
	t.Parallel()
	for _, size := range []struct{ wide, high int }{{80, 24}, {120, 40}} {
		w := newWorld(t)
		w.env["LOCAL_AWS_PORT"] = "0"
		for _, name := range []string{"first", "second"} {
			said, err := onTerminalOf(t, size.wide, size.high, w.command(mage, "local", "deploy", "push:all", "ecr:status"), "")
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			rows := screen("$ go tool mage local deploy push:all ecr:status\n"+anyPort.ReplaceAllString(said, "$1:4566"), size.wide)
			if name == "second" && len(rows) > size.high { // the command's own row is as good as the next prompt's
				t.Errorf("the second run takes %d rows of %d columns:\n%s", len(rows), size.wide, said)
			}
			file := filepath.Join(root, "docs", "pictures", fmt.Sprintf("%s-run-%dx%d.svg", name, size.wide, size.high))
			if *update {
				write(t, file, svg(rows, size.wide, size.high))
			}
			if got, want := steady(rows, size.wide), steady(drawn(read(t, file)), size.wide); !slices.Equal(got, want) {
				t.Errorf("%s shows\n%s\nand the run shows\n%s", file, strings.Join(want, "\n"), strings.Join(got, "\n"))
			}
		}
	}
}

// anyPort is an address of the local AWS.
var anyPort = regexp.MustCompile(`(127\.0\.0\.1):\d+`)

// cell is a character on a screen, and its look: a number of SGR, empty for plain.
type cell struct {
	text rune
	look string
}

// control is a sequence of those that the suite writes.
var control = regexp.MustCompile(`^\x1b\[(\d*)([AJm])`)

// screen is what a terminal shows of a text, from its first row on.
func screen(text string, wide int) [][]cell {
	rows, x, y, look := [][]cell{nil}, 0, 0, ""
	for text != "" {
		if found := control.FindStringSubmatch(text); found != nil {
			switch found[2] {
			case "A":
				up, _ := strconv.Atoi(found[1])
				y = max(y-up, 0)
			case "J":
				rows = append(rows[:y], rows[y][:min(x, len(rows[y]))])
			case "m":
				look = strings.TrimPrefix(found[1], "0")
			}
			text = text[len(found[0]):]
			continue
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		if r == '\r' {
			x = 0
			continue
		}
		if r == '\n' || x == wide {
			x, y = 0, y+1
			if y == len(rows) {
				rows = append(rows, nil)
			}
		}
		if r != '\n' {
			rows[y] = append(rows[y][:min(x, len(rows[y]))], cell{r, look})
			x++
		}
	}
	return rows[:len(rows)-1] // the last row is for the next prompt
}

// steady are the lines of a screen without what differs from run to run, sorted: Terraform creates at random. A full row
// goes on in the next one.
func steady(rows [][]cell, wide int) []string {
	var text strings.Builder
	for _, row := range rows {
		for _, c := range row {
			text.WriteRune(c.text)
		}
		if len(row) < wide {
			text.WriteString("\n")
		}
	}
	var lines []string
	for line := range strings.Lines(text.String()) {
		lines = append(lines, alike(cutOrTimed.ReplaceAllString(line, "")))
	}
	slices.Sort(lines)
	return lines
}

// cutOrTimed is a cell that is cut off somewhere, which depends on the width of its neighbours, or how long a push took.
var cutOrTimed = regexp.MustCompile(`\S*…| in [\d.]+m?s\b`)

// The look of the drawing: the size of a character, and the colours of SGR.
const across, down = 8.4, 18

var looks = map[string]string{
	"1": `font-weight="bold"`, "2": `fill="#8b949e"`, "31": `fill="#ff7b72"`, "32": `fill="#56d364"`, "33": `fill="#e3b341"`,
}

// svg draws a screen of at least so many rows.
func svg(rows [][]cell, wide, high int) string {
	var text strings.Builder
	width, height := float64(wide)*across+24, max(high, len(rows))*down+24
	fmt.Fprintf(&text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d">
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#e6edf3">
`, width, height, width, height)
	for y, row := range rows {
		fmt.Fprintf(&text, `<text xml:space="preserve" x="12" y="%d">`, 26+y*down)
		for len(row) > 0 {
			n := slices.IndexFunc(row, func(c cell) bool { return c.look != row[0].look })
			n = cmp.Or(max(n, 0), len(row))
			part := make([]rune, n)
			for i, c := range row[:n] {
				part[i] = c.text
			}
			fmt.Fprintf(&text, `<tspan %s textLength="%.1f">%s</tspan>`, looks[row[0].look], float64(n)*across,
				html.EscapeString(string(part)))
			row = row[n:]
		}
		text.WriteString("</text>\n")
	}
	return text.String() + "</g>\n</svg>\n"
}

// drawn are the rows of a picture, without their looks.
func drawn(picture string) [][]cell {
	var rows [][]cell
	for _, found := range regexp.MustCompile(`(?m)^<text [^>]*>(.*)</text>$`).FindAllStringSubmatch(picture, -1) {
		var row []cell
		for _, r := range html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(found[1], "")) {
			row = append(row, cell{text: r})
		}
		rows = append(rows, row)
	}
	return rows
}
