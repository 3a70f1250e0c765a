package console

// Table writes rows below their headings to stdout. It is [Console.Columns] without looks and without columns that
// yield: a terminal that is too narrow cuts the lines off.
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
