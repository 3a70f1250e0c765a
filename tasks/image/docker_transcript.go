package image

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

const (
	linesKept  = 500 // of a builder's words, to look for what went wrong
	linesShown = 30  // in an error
)

// colour is what the classic builder puts around the words of a failing step.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// transcript hands a builder's lines on as they come, without colours, and keeps the last of them.
type transcript struct {
	story io.Writer
	line  bytes.Buffer
	lines []string
}

func (t *transcript) Write(p []byte) (int, error) {
	n := len(p)
	for {
		before, after, found := bytes.Cut(p, []byte("\n"))
		t.line.Write(before)
		if !found {
			return n, nil
		}
		t.flush()
		p = after
	}
}

// flush ends the line that is being written.
func (t *transcript) flush() {
	line := strings.TrimRight(colour.ReplaceAllString(t.line.String(), ""), " \r")
	t.line.Reset()
	if line == "" {
		return
	}
	io.WriteString(t.story, line+"\n")
	if t.lines = append(t.lines, line); len(t.lines) > linesKept {
		t.lines = t.lines[1:]
	}
}

// step is how the classic builder announces each instruction, and vertex how BuildKit does.
var (
	step   = regexp.MustCompile(`^Step \d+/\d+ : (\S+)`)
	vertex = regexp.MustCompile(`^(#\d+) \[(?:\S+ )?internal\] load metadata for `)
)

// lastWords are the lines about the failure: BuildKit repeats them at the end, between rulers; the classic builder ends with
// the step that failed.
func lastWords(lines []string) string {
	from := 0
	for i, line := range lines {
		if line == "------" {
			from = i
			break
		}
		if step.MatchString(line) {
			from = i
		}
	}
	from = max(from, len(lines)-linesShown)
	return strings.Join(lines[from:], "\n")
}

// failedOnBase says whether what failed was to find the base image: a step FROM, or the load of an image's metadata.
func failedOnBase(lines []string) bool {
	loads := map[string]bool{}
	from := false
	for _, line := range lines {
		if m := vertex.FindStringSubmatch(line); m != nil {
			loads[m[1]] = true
		}
		if number, rest, _ := strings.Cut(line, " "); loads[number] && strings.HasPrefix(rest, "ERROR") {
			return true
		}
		if m := step.FindStringSubmatch(line); m != nil {
			from = m[1] == "FROM"
		}
	}
	return from
}
