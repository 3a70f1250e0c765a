package image

import (
	"io"
	"strings"
	"sync"

	"envoy-proxy-poc/tasks/internal/lines"
)

// words splits what a go command writes: downloads go to story as they happen, for they may take a while; the rest
// is kept, because only the end shows whether it belongs into an error.
type goOutput struct {
	lines.Writer
	story io.Writer
	said  strings.Builder
}

func newGoOutput(story io.Writer) *goOutput {
	w := &goOutput{story: story}
	w.Take = w.take
	return w
}

func (w *goOutput) take(line string) {
	switch {
	case line == "":
	case strings.HasPrefix(line, "go: downloading "):
		_, _ = io.WriteString(w.story, line+"\n")
	default:
		w.said.WriteString(line + "\n")
	}
}

func (w *goOutput) String() string { return w.said.String() }

// serial lets several compilers write to one log. A nil w discards.
type serial struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w == nil || len(p) == 0 {
		return len(p), nil
	}
	return s.w.Write(p)
}
