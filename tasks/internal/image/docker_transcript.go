package image

import (
	"context"
	"io"
	"regexp"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/lines"
)

const (
	linesKept  = 500 // of a builder's words, to look for what went wrong
	linesShown = 30  // in an error
)

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

// section is how the classic builder announces an instruction, and how BuildKit shows, at its end, what failed.
var section = regexp.MustCompile(`^(Step \d+/\d+ : | > \[)`)

// lastWords is the end of the lines: from the classic builder, those of its last step.
func lastWords(lines []string) string {
	if at := lastSection(lines); at >= 0 && strings.HasPrefix(lines[at], "Step ") {
		lines = lines[at:]
	}
	return strings.Join(lines[max(0, len(lines)-linesShown):], "\n")
}

// failedOnBase says whether finding the base image failed: a step FROM, or the load of an image's metadata.
func failedOnBase(lines []string) bool {
	at := lastSection(lines)
	return at >= 0 &&
		(strings.Contains(lines[at], " : FROM ") || strings.Contains(lines[at], "internal] load metadata for"))
}

func lastSection(lines []string) int {
	for i, line := range slices.Backward(lines) {
		if section.MatchString(line) {
			return i
		}
	}
	return -1
}

// explain makes a failed docker command an error with the builder's last words, and a hint where one is known.
func (e engine) explain(ctx context.Context, err error, said []string) error {
	shown := withWords(ctx, err, lastWords(said))
	if ctx.Err() != nil {
		return shown
	}
	if failedOnBase(said) {
		return hint.Add(shown,
			"set GO_IMAGE to a base image with Go that is available here, or build with -engine=native, which needs none")
	}
	if e.builder == fleet {
		return shown
	}
	if _, gone := e.ask(ctx, "version"); gone != nil {
		return hint.Add(shown,
			"the engine does not answer any more: start it and build again, or build with -engine=native, which needs none")
	}
	return shown
}
