package console

import "strings"

// AnswerLines writes lines to stdout, in one piece.
func (c *Console) AnswerLines(lines []Cell) {
	c.answer([]byte(painted(lines, c.colorAnswers)))
}

// SayLines writes lines of the story, in one piece.
func (c *Console) SayLines(lines []Cell) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.put(c.err, []byte(painted(lines, c.color)))
}

func painted(lines []Cell, colored bool) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line.Paint.on(line.Text, colored) + "\n")
	}
	return b.String()
}
