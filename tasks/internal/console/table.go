package console

// Table is [Console.Columns] without looks and without columns that yield: a narrow terminal cuts the lines off.
func (c *Console) Table(heading []string, rows [][]string) {
	c.answer(tableText(heading, rows, c.outWidth()))
}

// TableText is what [Console.Table] writes where there is no terminal.
func TableText(heading []string, rows [][]string) Lines { return Lines(tableText(heading, rows, 0)) }

func tableText(heading []string, rows [][]string, limit int) []byte {
	columns := make([]Column, len(heading))
	for i, text := range heading {
		columns[i].Heading = text
	}
	cells := make([][]Cell, len(rows))
	for i, row := range rows {
		for _, text := range row {
			cells[i] = append(cells[i], Cell{Text: text})
		}
	}
	return columnsText(columns, cells, limit, false)
}

// AnswerLines writes lines to stdout at once.
func (c *Console) AnswerLines(lines []Cell) { c.answer(paintLines(lines, c.colorAnswers)) }

// SayLines writes lines of the story at once.
func (c *Console) SayLines(lines []Cell) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.put(c.err, paintLines(lines, c.color))
}

func paintLines(lines []Cell, colored bool) []byte {
	var text []byte
	for _, line := range safeCells(lines) {
		text = append(text, line.Paint.on(noCommands(line.Text), colored)+"\n"...)
	}
	return text
}

// Paint is how text looks on a terminal. Elsewhere, and with NO_COLOR, all text is plain.
type Paint string

// What text can look like.
const (
	Plain  Paint = ""
	Bold   Paint = "1"
	Dim    Paint = "2"
	Red    Paint = "31"
	Green  Paint = "32"
	Yellow Paint = "33"
)

// Cell is a text with its looks: a cell of a table, or a line.
type Cell struct {
	Text  string
	Paint Paint
}

func (p Paint) on(text string, colored bool) string {
	if !colored || p == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(p) + "m" + text + "\x1b[0m"
}
