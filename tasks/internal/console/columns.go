package console

import (
	"bytes"
	"cmp"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Column is one of the columns of [Console.Columns].
type Column struct {
	Heading string
	Right   bool // its cells end, rather than begin, below each other
	// Yields says how early the column gives way where the terminal is too narrow: 1 first, 0 never. It is shortened to
	// Least characters. Where that is not enough, the columns that yield are left out, except those with Keep.
	Yields, Least int
	Keep          bool
}

const (
	gap      = "  "
	ellipsis = "…"
)

// Columns writes rows below their headings to stdout. An empty column is left out. No line is wider than the terminal.
func (c *Console) Columns(columns []Column, rows [][]Cell) {
	c.answer(columnsText(columns, rows, c.outWidth(), c.colorAnswers))
}

func columnsText(columns []Column, rows [][]Cell, limit int, colored bool) []byte {
	heading := make([]Cell, len(columns))
	for i, column := range columns {
		heading[i] = Cell{Text: column.Heading}
	}
	g := grid{columns: columns, rows: [][]Cell{heading}, limit: limit}
	for _, row := range rows {
		g.rows = append(g.rows, safeCells(row))
	}
	g.fit()
	var text bytes.Buffer
	for _, row := range g.rows {
		text.WriteString(g.line(row, colored) + "\n")
	}
	return []byte(noCommands(text.String()))
}

// Line writes cells to stdout on one line. Where the terminal is too narrow, the rest goes on in the next one.
func (c *Console) Line(cells ...Cell) {
	var text strings.Builder
	limit, wide := c.outWidth(), 0
	for i, cell := range safeCells(cells) {
		width, between := utf8.RuneCountInString(cell.Text), gap
		switch {
		case i == 0:
			between = ""
		case limit > 0 && wide+width > limit:
			between, wide = "\n"+gap, 0
		}
		text.WriteString(between + cell.Paint.on(cell.Text, c.colorAnswers))
		wide += len(gap) + width
	}
	c.answer([]byte(noCommands(text.String() + "\n")))
}

func (c *Console) answer(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(c.put(c.out, text))
}

// OnTerminal tells whether the answer is shown on a terminal.
func (c *Console) OnTerminal() bool { return c.outWidth() != 0 }

// outWidth leaves out the terminal's last column, since terminals differ in when they wrap. 0 is any width.
func (c *Console) outWidth() int {
	file, ok := c.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 1 {
		return width - 1
	}
	return 79
}

type grid struct {
	columns []Column
	rows    [][]Cell // the heading among them
	limit   int      // 0 for none
	widths  []int    // of the columns; 0 for one that is left out
}

// fit finds the widths: it shortens the columns that yield, then leaves them out one by one until the rest fits.
func (g *grid) fit() {
	g.widths = g.natural()
	if g.limit == 0 {
		return
	}
	yielding := g.yielding()
	g.shorten(yielding)
	for _, column := range yielding {
		if g.wide() <= g.limit {
			return
		}
		if !g.columns[column].Keep {
			g.leaveOut(column)
			g.shorten(yielding)
		}
	}
}

func (g *grid) leaveOut(column int) {
	before := g.widths
	g.widths = g.natural()
	for i, width := range before {
		if width == 0 || i == column {
			g.widths[i] = 0
		}
	}
}

func (g *grid) yielding() []int {
	var order []int
	for i, column := range g.columns {
		if column.Yields > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.columns[a].Yields, g.columns[b].Yields) })
	return order
}

// natural are the widths of the widest cells, 0 where there is nothing below the heading.
func (g *grid) natural() []int {
	widths := make([]int, len(g.columns))
	for _, row := range g.rows[1:] {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell.Text))
		}
	}
	for i, cell := range g.rows[0] {
		if widths[i] > 0 {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell.Text))
		}
	}
	return widths
}

func (g *grid) shorten(columns []int) {
	for _, column := range columns {
		if over := g.wide() - g.limit; over > 0 {
			least := min(g.columns[column].Least, g.widths[column])
			g.widths[column] = max(g.widths[column]-over, least)
		}
	}
}

func (g *grid) wide() int {
	sum := 0
	for _, width := range g.widths {
		if width > 0 {
			sum += width + len(gap)
		}
	}
	return sum - len(gap)
}

func (g *grid) line(row []Cell, colored bool) string {
	var line strings.Builder
	room, owed := g.limit, 0 // spaces are owed until something follows them
	for i, cell := range row {
		if g.widths[i] == 0 {
			continue
		}
		width := g.widths[i]
		if g.limit > 0 {
			width = max(min(width, room-owed), 0)
		}
		text := shortened(cell.Text, width)
		space := width - utf8.RuneCountInString(text)
		if g.columns[i].Right {
			owed, space = owed+space, 0
		}
		if text != "" {
			line.WriteString(strings.Repeat(" ", owed) + cell.Paint.on(text, colored))
			room -= owed + utf8.RuneCountInString(text)
			owed = 0
		}
		owed += space + len(gap)
	}
	return line.String()
}

// shortened is the beginning of a text that fits, with an ellipsis for the rest.
func shortened(text string, width int) string {
	runes := []rune(text)
	switch {
	case len(runes) <= width:
		return text
	case width <= 0:
		return ""
	}
	return string(runes[:width-1]) + ellipsis
}
