package console

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/term"
)

// frame is where bars are drawn: the terminal's last lines. The bars' library composes it and the console draws it, so
// that a line of the story appears above it at once. The library's own writer waits for its next refresh.
type frame struct {
	bytes.Buffer // what the library composes
	c            *Console
	lines        []byte // what it composed last
}

// IsTerminal, GetTermSize and Flush are what the library asks of a terminal (mpb.ConsoleWriter).
func (f *frame) IsTerminal() bool { return true }

// GetTermSize leaves the last column free, since terminals differ in when they wrap.
func (f *frame) GetTermSize() (width, height int, err error) {
	width, height = f.c.size()
	return max(width-1, 1), height, nil
}

// Flush draws what was composed over what was drawn before. It never fails: the work goes on when the terminal is gone.
func (f *frame) Flush(int) error {
	defer f.Reset()
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	if bytes.Equal(f.lines, f.Bytes()) {
		return nil
	}
	text := f.c.wipe()
	if f.c.begun { // the first frame after a line that has not ended
		text, f.c.begun = append(text, '\n'), false
	}
	f.lines = bytes.Clone(f.Bytes())
	if !slices.Contains(f.c.frames, f) {
		f.c.frames = append(f.c.frames, f)
	}
	_, _ = f.c.err.Write(append(text, f.c.draw()...))
	return nil
}

func (f *frame) remove() {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	text := f.c.wipe()
	f.c.frames = slices.DeleteFunc(f.c.frames, func(other *frame) bool { return other == f })
	_, _ = f.c.err.Write(append(text, f.c.draw()...))
	if f.c.rows == 0 && len(f.c.held) > 0 {
		_ = f.c.put(f.c.err, nil)
	}
}

func (c *Console) size() (width, height int) {
	if file, ok := c.err.(*os.File); ok {
		if width, height, err := term.GetSize(int(file.Fd())); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return 80, 24
}

// draw is the text of all frames, one below the other: as many of the last rows as fit above the cursor.
func (c *Console) draw() []byte {
	var rows [][]byte
	for _, f := range c.frames {
		rows = append(rows, slices.Collect(bytes.Lines(f.lines))...)
	}
	_, height := c.size()
	rows = rows[max(len(rows)-max(height-1, 1), 0):]
	c.rows = len(rows)
	return bytes.Join(rows, nil)
}

// wipe is the text that takes the frames off the terminal: up to their first row, and clear from there.
func (c *Console) wipe() []byte {
	if c.rows == 0 {
		return nil
	}
	return fmt.Appendf(nil, "\r\x1b[%dA\x1b[J", c.rows)
}

// put writes text to w, above the frames.
func (c *Console) put(w io.Writer, text []byte) error {
	switch {
	case w == c.err && c.rows == 0:
		if text, c.held = append(c.held, text...), nil; len(text) > 0 {
			c.begun = text[len(text)-1] != '\n'
		}
	case w == c.err:
		text = slices.Concat(c.wipe(), text, c.draw())
	case c.rows > 0: // stdout may be the same terminal
		_, _ = c.err.Write(c.wipe())
		defer func() { _, _ = c.err.Write(c.draw()) }()
	}
	_, err := w.Write(text)
	return err
}

// stream writes a child's output, which may end within a line. Above frames, that line waits for its end.
func (c *Console) stream(text []byte) {
	text = c.harmless(text)
	if c.rows == 0 {
		_ = c.put(c.err, text)
		return
	}
	c.held = append(c.held, text...)
	if end := bytes.LastIndexByte(c.held, '\n') + 1; end > 0 {
		_ = c.put(c.err, c.held[:end])
		c.held = bytes.Clone(c.held[end:])
	}
}

// harmless is a child's output without control sequences and commands to GitHub.
func (c *Console) harmless(text []byte) []byte {
	text = control.ReplaceAllFunc(text, func(found []byte) []byte { return []byte(Safe(string(found))) })
	line := strings.ReplaceAll(string(text), "\r", "")
	if c.begun || len(c.held) > 0 { // text goes on within a line
		return []byte(noCommands("-" + line)[1:])
	}
	return []byte(noCommands(line))
}

// control are the control characters, but for those that lay out lines.
var control = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]`)
