package terraform

import (
	"bytes"
	"io"
	"regexp"
	"sync"
)

// tailSize is how much of terraform's stderr is kept to learn the reason of a failure from, in bytes.
const tailSize = 64 << 10

// stream passes terraform's output on, one write at a time and never failing, and keeps what the end of a command is judged by.
type stream struct {
	mu             *sync.Mutex // guards all of this, and the writers
	stdout, stderr io.Writer   // the user's; nil discards

	tail     []byte        // the end of stderr
	spoke    bool          // terraform has written something
	first    chan struct{} // closed when it has
	stopped  bool
	stopping chan struct{} // closed when terraform says that it was interrupted
}

func newStream(mu *sync.Mutex, stdout, stderr io.Writer) *stream {
	return &stream{mu: mu, stdout: stdout, stderr: stderr, first: make(chan struct{}), stopping: make(chan struct{})}
}

func (s *stream) out() io.Writer { return writerFunc(func(p []byte) { s.write(s.stdout, p) }) }

func (s *stream) err() io.Writer {
	return writerFunc(func(p []byte) {
		s.write(s.stderr, p)
		s.keep(p)
	})
}

// hold keeps stdout from the user until release, or until terraform has more to say than which version it is and what is wrong:
// from then on it is at work.
func (s *stream) hold() (release func()) {
	held := &holding{w: s.stdout}
	if s.stdout == nil {
		return func() {}
	}
	s.stdout = held
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		held.release()
	}
}

// preliminary is an event of a terraform that may not be initialised.
var preliminary = regexp.MustCompile(`"type":"(version|diagnostic)"`)

type holding struct {
	w    io.Writer
	kept []byte
	open bool
}

func (h *holding) Write(p []byte) (int, error) {
	if h.open {
		return h.w.Write(p)
	}
	h.kept = append(h.kept, p...)
	for line := range bytes.Lines(h.kept) {
		if bytes.HasSuffix(line, []byte("\n")) && !preliminary.Match(line) {
			h.release()
			break
		}
	}
	return len(p), nil
}

func (h *holding) release() {
	_, _ = h.w.Write(h.kept)
	h.kept, h.open = nil, true
}

// keep adds to the tail.
func (s *stream) keep(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tail = append(s.tail, p...)
	if extra := len(s.tail) - tailSize; extra > 0 {
		s.tail = append(s.tail[:0], s.tail[extra:]...)
	}
}

func (s *stream) write(w io.Writer, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.spoke {
		s.spoke = true
		close(s.first)
	}
	if !s.stopped && bytes.Contains(p, []byte("Interrupt received")) {
		s.stopped = true
		close(s.stopping)
	}
	if w != nil {
		_, _ = w.Write(p) // an error here would stop terraform-exec from reading, and terraform from writing
	}
}

func (s *stream) words() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.tail)
}

func (s *stream) hasSpoken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spoke
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
