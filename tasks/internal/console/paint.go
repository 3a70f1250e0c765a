package console

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
