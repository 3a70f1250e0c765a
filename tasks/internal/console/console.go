// Package console is how the suite talks.
//
// Three rules, kept by having no other way to say anything:
//
//   - stdout is the answer: what a script would read. [Console.Answer] and [Console.JSON] write there, tables too, which
//     are as wide as the terminal at most.
//   - stderr is the story: what happens and how far it is. [Console.Say], [Console.Warn], [Progress] and [Bars] write there.
//   - A question goes to stderr and is read from stdin; where nobody can answer, it is an error that names the flag that answers it.
//
// Colour and bars appear on a terminal only, colour never when NO_COLOR is set. Bars are its last lines: what is said
// while they are up, answers too, appears above them.
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
	failed       error            // what kept an answer from being written
	frames       []*frame         // the bars that are drawn below the story
	rows         int              // how many rows of the terminal they take
	begun        bool             // the story stands within a line
	held         []byte           // of the story, a line that has not ended, while bars are drawn
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

// Interactive tells whether somebody can answer a question.
func (c *Console) Interactive() bool { return c.answers }

// Answer writes a line to stdout.
func (c *Console) Answer(format string, args ...any) {
	c.answer(fmt.Appendf(nil, format+"\n", args...))
}

// Err is what kept an answer from being written, such as a full disk or a reader that went away; nil if all of it was.
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
func (c *Console) Say(format string, args ...any) {
	c.line(fmt.Sprintf(format, args...))
}

// Warn writes a line of the story that the reader should not miss.
func (c *Console) Warn(format string, args ...any) {
	c.line(Yellow.on("warning: ", c.color) + fmt.Sprintf(format, args...))
}

// Story is stderr as a writer, for a child's output. Its writes never fail: a child must not stall because nobody
// reads.
func (c *Console) Story() io.Writer { return story{c} }

// Out is stdout as a writer, for an answer that a child prints itself. It knows nothing of bars. Its failures are those
// of an answer, see [Console.Err].
func (c *Console) Out() io.Writer { return out{c} }

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

type out struct{ c *Console }

func (o out) Write(p []byte) (int, error) {
	o.c.mu.Lock()
	defer o.c.mu.Unlock()
	n, err := o.c.out.Write(p)
	o.c.note(err)
	return n, err
}

type story struct{ c *Console }

func (s story) Write(p []byte) (int, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.stream(p)
	return len(p), nil
}
