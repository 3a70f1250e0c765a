package image

import (
	"context"
	"io"
	"regexp"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/lines"
)

const (
	linesKept  = 500 // of a builder's words, to look for what went wrong
	linesShown = 30  // in an error
)

// colour is what the classic builder puts around the words of a failing step.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// transcript hands a builder's lines on as they come, without colours, and keeps the last of them.
type transcript struct {
	lines.Writer
	story io.Writer
	kept  []string
}

func newTranscript(story io.Writer) *transcript {
	t := &transcript{story: story}
	t.Take = t.take
	return t
}

func (t *transcript) take(line string) {
	line = strings.TrimRight(colour.ReplaceAllString(line, ""), " \r")
	if line == "" {
		return
	}
	_, _ = io.WriteString(t.story, line+"\n")
	if t.kept = append(t.kept, line); len(t.kept) > linesKept {
		t.kept = t.kept[1:]
	}
}

// How the classic builder announces each instruction and says what it does about it; and how BuildKit numbers what it
// works on, says which image it looks for, and repeats what that said, with the seconds since it began.
var (
	step      = regexp.MustCompile(`^Step \d+/\d+ : (\S+)`)
	stepNoise = regexp.MustCompile(`^( ---> |Removing intermediate container )`)
	numbered  = regexp.MustCompile(`^(#\d+) (?:(\d+\.\d+|ERROR:|\[(?:\S+ )?internal\] load metadata for) )?(.*)`)
)

// lastWords is what the lines say about a failure: what the step that failed said, and how all of it ended.
func lastWords(lines []string) string {
	failed := failedVertex(lines)
	var said []string
	for _, line := range lines {
		if step.MatchString(line) {
			said = nil
		}
		m := numbered.FindStringSubmatch(line)
		switch {
		case m == nil && failed == "" && !stepNoise.MatchString(line):
			said = append(said, line)
		case m != nil && m[1] == failed && strings.Contains(m[2], "."):
			said = append(said, m[3])
		}
	}
	if failed != "" {
		said = append(said, lines[len(lines)-1])
	}
	return strings.Join(said[max(0, len(said)-linesShown):], "\n")
}

// failedVertex is the number of what BuildKit failed on; empty where nothing failed, or where another builder says it.
func failedVertex(lines []string) string {
	for _, line := range lines {
		if m := numbered.FindStringSubmatch(line); m != nil && m[2] == "ERROR:" {
			return m[1]
		}
	}
	return ""
}

// failedOnBase says whether what failed was to find the base image: a step FROM, or the load of an image's metadata.
func failedOnBase(lines []string) bool {
	failed, from := failedVertex(lines), false
	for _, line := range lines {
		if m := numbered.FindStringSubmatch(line); m != nil && m[1] == failed && strings.HasSuffix(m[2], "metadata for") {
			return true
		}
		if m := step.FindStringSubmatch(line); m != nil {
			from = m[1] == "FROM"
		}
	}
	return from
}

// explain makes a failed docker command an error that shows what the builder said last, and what to do where that is
// known.
func (e engine) explain(ctx context.Context, err error, said []string) error {
	shown := withWords(ctx, err, lastWords(said))
	if ctx.Err() != nil {
		return shown
	}
	if failedOnBase(said) {
		return hint.Add(shown,
			"set GO_IMAGE to a base image with Go that can be had here, or build with -engine=native, which needs none")
	}
	if e.builder == fleet {
		return shown
	}
	if _, gone := e.ask(ctx, e.docker, "version"); gone != nil {
		return hint.Add(shown,
			"the engine does not answer any more: start it and build again, or build with -engine=native, which needs none")
	}
	return shown
}
