package console

import "strings"

// Tone is how a line sounds, on a terminal by its colour.
type Tone int

// The tones. Plain is that of most lines.
const (
	Plain Tone = iota
	Bold
	Good // something comes
	Mild // something changes
	Bad  // something goes
)

var tones = map[Tone]string{Bold: bold, Good: "32", Mild: yellow, Bad: "31"}

// Line is a line of several that belong together.
type Line struct {
	Tone Tone
	Text string
}

// AnswerLines writes lines to stdout, in one piece.
func (c *Console) AnswerLines(lines []Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(c.put(c.out, []byte(painted(lines, c.colorOut))))
}

// SayLines writes lines of the story, in one piece.
func (c *Console) SayLines(lines []Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.put(c.err, []byte(painted(lines, c.color)))
}

func painted(lines []Line, color bool) string {
	var b strings.Builder
	for _, line := range lines {
		if code := tones[line.Tone]; color && code != "" {
			b.WriteString("\x1b[" + code + "m" + line.Text + "\x1b[0m\n")
		} else {
			b.WriteString(line.Text + "\n")
		}
	}
	return b.String()
}
