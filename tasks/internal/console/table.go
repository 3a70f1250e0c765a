package console

import "fmt"

// Table writes rows below a heading to stdout, as [Console.Columns] does with columns of which none yields.
func (c *Console) Table(heading []string, rows [][]string) {
	c.answer(tableText(heading, rows, c.outWidth()))
}

// TableText is what [Console.Table] writes where there is no terminal.
func TableText(heading []string, rows [][]string) string { return string(tableText(heading, rows, 0)) }

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

// Bytes is a size for people, in the decimal units that registries and disks use: 5.7 MB.
func Bytes(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefix := float64(n)/unit, 0
	for value >= unit && prefix < 4 {
		value /= unit
		prefix++
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTP"[prefix])
}
