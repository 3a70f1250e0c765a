// Package console is how the suite talks. There is no other way to say anything.
//
//   - stdout is the answer, for a script to read. A table is never wider than the terminal.
//   - stderr is the story, what happens and how far it is: [Console.Say], [Console.Warn], [Progress], [Bars].
//   - Text of others is shown and does nothing: see [Lines].
//   - A question ([Console.Confirm]) that nobody can answer is an error that names the flag to use.
//
// Colour and bars appear on a terminal only, colour never when NO_COLOR is set. The story appears above the bars.
package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// Console holds the three streams of a run. Its methods may be called from several goroutines.
type Console struct {
	mu           sync.Mutex
	out, err     io.Writer
	in           io.Reader
	terminal     bool // stderr is a terminal: bars may be drawn
	answers      bool // stdin and stderr are terminals: somebody can answer
	color        bool // of the story
	colorAnswers bool
	failed       error            // why an answer could not be written
	frames       []*frame         // the bars that are drawn below the story
	rows         int              // how many rows of the terminal they take
	begun        bool             // the story has a line that has not ended
	held         []byte           // that line, while bars are drawn
	now          func() time.Time // the default is time.Now
}

// New returns a console over the process's streams. noColor is whether the user asked for none (https://no-color.org).
func New(in, out, err *os.File, noColor bool) *Console {
	terminal := term.IsTerminal(int(err.Fd()))
	return &Console{
		in: in, out: out, err: err,
		terminal:     terminal,
		answers:      terminal && term.IsTerminal(int(in.Fd())),
		color:        terminal && !noColor,
		colorAnswers: !noColor && term.IsTerminal(int(out.Fd())),
	}
}

// Dumb is for a terminal that knows no control sequences: no colours, no bars.
func (c *Console) Dumb() { c.terminal, c.color, c.colorAnswers = false, false, false }

// Interactive tells whether somebody can answer a question.
func (c *Console) Interactive() bool { return c.answers }

// Answer writes a line to stdout.
func (c *Console) Answer(layout string, args ...any) { c.answer([]byte(format(layout, args) + "\n")) }

// Err is why an answer could not be written, such as a full disk or a reader that went away; nil if all were.
func (c *Console) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

func (c *Console) note(err error) {
	if err != nil && c.failed == nil {
		c.failed = fmt.Errorf("writing the answer: %w", err)
	}
}

// JSON writes v to stdout, indented.
func (c *Console) JSON(v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.put(c.out, text.Bytes())
}

// Say writes a line of the story.
func (c *Console) Say(layout string, args ...any) { c.line(format(layout, args)) }

// Warn writes a line of the story that the reader should not miss.
func (c *Console) Warn(layout string, args ...any) {
	c.line(Yellow.on("warning: ", c.color) + format(layout, args))
}

// Story is stderr as a writer for a child, which must not stall because nobody reads: its writes never fail.
func (c *Console) Story() io.Writer { return storyWriter{c} }

// Out is stdout as a writer, for an answer that a child prints itself. It takes no bars away. See [Console.Err].
func (c *Console) Out() io.Writer { return answerWriter{c} }

func (c *Console) clock() time.Time {
	if c.now != nil {
		return c.now()
	}
	return time.Now()
}

func (c *Console) line(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.put(c.err, []byte(strings.TrimRight(text, "\n")+"\n"))
}

type answerWriter struct{ c *Console }

func (w answerWriter) Write(p []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	n, err := w.c.out.Write(p)
	w.c.note(err)
	return n, err
}

type storyWriter struct{ c *Console }

func (w storyWriter) Write(p []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	w.c.stream(p)
	return len(p), nil
}
