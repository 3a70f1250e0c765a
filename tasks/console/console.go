// Package console is how the suite talks.
//
// Three rules, kept by having no other way to say anything:
//
//   - stdout is the answer: what a script would read. [Console.Answer] and [Console.JSON] write there, tables too.
//   - stderr is the story: what happens and how far it is. [Console.Say], [Console.Warn] and [Progress] write there.
//   - A question goes to stderr and is read from stdin; where nobody can answer, it is an error that names the flag that answers it.
//
// Colour and progress bars appear on a terminal only, and never when NO_COLOR is set.
package console

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Console holds the three streams of a run. Its methods may be called from several goroutines.
type Console struct {
	mu       sync.Mutex
	out, err io.Writer
	in       io.Reader
	terminal bool // stderr is a terminal: bars may be drawn
	answers  bool // stdin and stderr are terminals: somebody can answer
	color    bool
	failed   error // what kept an answer from being written
}

// New returns a console over the process's streams. noColor is whether the user asked for none (https://no-color.org).
func New(in, out, err *os.File, noColor bool) *Console {
	terminal := term.IsTerminal(int(err.Fd()))
	return &Console{
		in: in, out: out, err: err,
		terminal: terminal,
		answers:  terminal && term.IsTerminal(int(in.Fd())),
		color:    terminal && !noColor,
	}
}

// Answer writes a line to stdout.
func (c *Console) Answer(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := fmt.Fprintf(c.out, format+"\n", args...)
	c.note(err)
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
	c.mu.Lock()
	defer c.mu.Unlock()
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Say writes a line of the story.
func (c *Console) Say(format string, args ...any) {
	c.line(fmt.Sprintf(format, args...))
}

// Warn writes a line of the story that the reader should not miss.
func (c *Console) Warn(format string, args ...any) {
	c.line(c.paint(yellow, "warning: ") + fmt.Sprintf(format, args...))
}

// Story is stderr as a writer, for a child's output. Its writes never fail: a child must not stall because nobody reads.
func (c *Console) Story() io.Writer { return story{c} }

// Out is stdout as a writer, for an answer that a child prints itself.
func (c *Console) Out() io.Writer { return c.out }

func (c *Console) line(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintln(c.err, strings.TrimRight(text, "\n"))
}

type story struct{ c *Console }

func (s story) Write(p []byte) (int, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	_, _ = s.c.err.Write(p)
	return len(p), nil
}

const (
	bold   = "1"
	yellow = "33"
)

func (c *Console) paint(code, text string) string {
	if !c.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
