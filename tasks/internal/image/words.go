package image

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// words splits what a go command writes: downloads go to story as they happen, for they may take a while; the rest
// is kept, because only the end shows whether it belongs into an error.
type words struct {
	story io.Writer
	line  bytes.Buffer
	said  strings.Builder
}

func (w *words) Write(p []byte) (int, error) {
	n := len(p)
	for {
		before, after, found := bytes.Cut(p, []byte("\n"))
		w.line.Write(before)
		if !found {
			return n, nil
		}
		w.flush()
		p = after
	}
}

// flush ends the line that is being written.
func (w *words) flush() {
	line := w.line.String()
	w.line.Reset()
	switch {
	case line == "":
	case strings.HasPrefix(line, "go: downloading "):
		_, _ = io.WriteString(w.story, line+"\n")
	default:
		w.said.WriteString(line + "\n")
	}
}

func (w *words) String() string { return w.said.String() }

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
