package console

// AnswerLines writes lines to stdout at once.
func (c *Console) AnswerLines(lines []Cell) {
	c.answer(paintLines(lines, c.colorAnswers))
}

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
