package console

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Table writes rows below a heading to stdout, in columns as wide as their widest cell.
func (c *Console) Table(heading []string, rows [][]string) {
	c.answer([]byte(TableText(heading, rows)))
}

// TableText is what [Console.Table] writes.
func TableText(heading []string, rows [][]string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(heading, "\t"))
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // into memory
	return text.String()
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
