package console

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Text of others is data: an answer of a server, the label of an image, a name in a lock. On its way to a terminal or a
// log its control characters are shown (\x1b), it begins no line, and it is no command to GitHub.

// Lines is text of several lines that the suite has laid out. In all other arguments a line's end is shown as \n.
type Lines string

// Safe shows the characters of a text that move a cursor, end a line or cannot be seen.
func Safe(text string) string { return shown(text, "") }

// SafeLines is [Safe] for several lines.
func SafeLines[T ~string](text T) string {
	return shown(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n\t")
}

func shown(text, kept string) string {
	var safe strings.Builder
	for _, r := range text {
		if unicode.IsGraphic(r) || strings.ContainsRune(kept, r) {
			safe.WriteRune(r)
		} else {
			safe.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return safe.String()
}

// ErrorLines is the text of an error for a reader. Errors that were joined, and hints, have lines of their own. Other
// lines come from outside, or are a list, and are indented.
func ErrorLines(err error) string {
	own := map[string]bool{"": true}
	ownLines(err, own)
	lines := strings.Split(SafeLines(err.Error()), "\n")
	for i, line := range lines[1:] {
		if !own[line] && !strings.HasPrefix(line, "  ") {
			lines[i+1] = "  " + line
		}
	}
	return noCommands(strings.Join(lines, "\n"))
}

func ownLines(err error, own map[string]bool) {
	if hinted, ok := err.(interface{ Hint() string }); ok {
		own["hint: "+firstLine(hinted.Hint())] = true
	}
	if inner := errors.Unwrap(err); inner != nil {
		ownLines(inner, own)
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			own[firstLine(one.Error())] = true
			ownLines(one, own)
		}
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(SafeLines(text), "\n")
	return line
}

// command is where GitHub's runner reads a line as a command to itself.
var command = regexp.MustCompile(`(?m)^\s*::|##\[`)

// noCommands puts a backslash into what GitHub would take for a command.
func noCommands(text string) string {
	return command.ReplaceAllStringFunc(text, func(mark string) string {
		return mark[:len(mark)-1] + `\` + mark[len(mark)-1:]
	})
}

// format is fmt.Sprintf with safe arguments.
func format(layout string, args []any) string {
	safe := make([]any, len(args))
	for i, arg := range args {
		safe[i] = argument{arg}
	}
	return noCommands(fmt.Sprintf(layout, safe...))
}

// argument formats a value as fmt does, and makes the text safe.
type argument struct{ value any }

func (a argument) Format(f fmt.State, verb rune) {
	var text string
	switch value := a.value.(type) {
	case Lines:
		text = SafeLines(value)
	case error:
		text = ErrorLines(value)
	default:
		text = Safe(fmt.Sprintf(fmt.FormatString(f, verb), value))
	}
	_, _ = io.WriteString(f, text)
}

func safeCells(cells []Cell) []Cell {
	safe := make([]Cell, len(cells))
	for i, cell := range cells {
		safe[i] = Cell{Text: Safe(cell.Text), Paint: cell.Paint}
	}
	return safe
}
